// Only comfort: every page and form works without this file.

// Tags in the editor: Enter or a comma makes a pill, its × removes it. Without it, the field takes a list.
for (const input of document.querySelectorAll('input[data-tags]')) {
  const list = input.parentElement.querySelector('.tag-list')
  const hidden = document.createElement('input')
  hidden.type = 'hidden'
  hidden.name = input.name
  input.removeAttribute('name')
  input.after(hidden)
  const tags = new Set()

  const draw = () => {
    hidden.value = [...tags].join(', ')
    list.replaceChildren(
      ...[...tags].map(tag => {
        const pill = document.createElement('li')
        pill.className = 'tag-default tag-pill'
        const remove = document.createElement('button')
        remove.type = 'button'
        remove.setAttribute('aria-label', `Remove tag ${tag}`)
        remove.append(Object.assign(document.createElement('i'), { className: 'ion-close-round' }))
        remove.addEventListener('click', () => {
          tags.delete(tag)
          draw()
          input.focus()
        })
        pill.append(remove, tag)
        return pill
      }),
    )
  }
  const take = () => {
    for (const tag of input.value.split(',')) if (tag.trim()) tags.add(tag.trim())
    input.value = ''
    draw()
  }
  input.addEventListener('keydown', event => {
    if (event.key !== 'Enter' && event.key !== ',') return
    event.preventDefault()
    take()
  })
  input.form.addEventListener('submit', take)
  take()
}

// A second click on a slow connection must not post a comment twice.
for (const form of document.querySelectorAll('form[method="post"]')) {
  form.addEventListener('submit', event => {
    if (form.dataset.sent) event.preventDefault()
    form.dataset.sent = 'yes'
  })
}
// A page that comes back from the back/forward memory may send again.
window.addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent
})
