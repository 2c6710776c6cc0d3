import markdownIt from 'markdown-it'

// html off: what an author writes between < and > is shown, never run.
const markdown = markdownIt({ html: false })

markdown.renderer.rules.link_open = (tokens, index, options, _env, self) => {
  tokens[index]?.attrSet('rel', 'nofollow ugc noopener')
  return self.renderToken(tokens, index, options)
}

markdown.renderer.rules.image = (tokens, index, options, env, self) => {
  const token = tokens[index]
  if (!token) return ''
  token.attrSet('alt', self.renderInlineAsText(token.children ?? [], options, env))
  token.attrSet('loading', 'lazy')
  return self.renderToken(tokens, index, options)
}

/** Markdown as HTML that is safe to put on a page. */
export const renderMarkdown = (text: string): string => markdown.render(text)
