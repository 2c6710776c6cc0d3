import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from 'quintet/testing'

/** Another page cache in front of the same app worker; it knows nothing of purging and only shows the speed of a hit. */
export interface Peer {
  readonly name: string
  readonly url: string
  stop(): Promise<void>
}

/** Debian's Varnish with its default policy and a TTL of ten minutes. */
export async function varnish(appSocket: string): Promise<Peer> {
  const folder = mkdtempSync(join(tmpdir(), 'quintet-varnish-'))
  const port = await freePort()
  writeFileSync(
    join(folder, 'default.vcl'),
    `vcl 4.1;
backend app { .path = "${appSocket}"; }
sub vcl_recv { unset req.http.Cookie; }
sub vcl_backend_response { set beresp.ttl = 10m; }
`,
  )
  const child = spawn(
    'varnishd',
    [
      '-F',
      '-j',
      'none', // it must read the worker's private socket
      '-a',
      `127.0.0.1:${port}`,
      '-f',
      join(folder, 'default.vcl'),
      '-n',
      join(folder, 'work'),
      '-s',
      'malloc,256m',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  return ready('Varnish', port, child, folder)
}

/** Debian's nginx with proxy_cache on disk (in the page cache of the kernel) and a validity of ten minutes. */
export async function nginx(appSocket: string): Promise<Peer> {
  const folder = mkdtempSync(join(tmpdir(), 'quintet-nginx-'))
  const port = await freePort()
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; user root; worker_processes 2; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events { worker_connections 1024; }
http {
  access_log off; tcp_nopush on; keepalive_requests 1000000;
  client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  proxy_cache_path ${folder}/cache keys_zone=pages:10m;
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://unix:${appSocket}; proxy_cache pages; proxy_cache_valid 200 10m; proxy_ignore_headers Cache-Control Vary; }
  }
}
`,
  )
  const child = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return ready('nginx proxy_cache', port, child, folder)
}

async function ready(name: string, port: number, child: ChildProcess, folder: string): Promise<Peer> {
  const url = `http://127.0.0.1:${port}`
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) throw new Error(`${name} ended with code ${child.exitCode}.`)
    if ((await fetch(url).catch(() => undefined))?.ok) {
      return {
        name,
        url,
        async stop() {
          const gone = new Promise(resolve => child.once('exit', resolve))
          child.kill('SIGTERM')
          await gone
          rmSync(folder, { recursive: true, force: true })
        },
      }
    }
    await sleep(50)
  }
  child.kill('SIGKILL')
  throw new Error(`${name} did not answer within 10 s.`)
}
