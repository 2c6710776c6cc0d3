import { notFound, reply, route } from 'quintet'
import { avatar } from './avatar.ts'

/** `/avatars/ada-berg.svg`: a picture made of nothing but the name. */
export const avatarRoute = route('GET /avatars/:file', {
  handler: ({ params }) => {
    const [, name] = /^([\w-]{1,60})\.svg$/.exec(params.file) ?? notFound()
    return reply(200, avatar(name as string), { headers: { 'content-type': 'image/svg+xml; charset=utf-8' } })
  },
})
