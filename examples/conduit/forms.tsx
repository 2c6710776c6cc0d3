import type { ComponentChildren } from 'preact'
import type { FieldErrors } from 'quintet'

/** Every message of a refused form, its field first: "email has already been taken". */
export function ErrorMessages({ errors }: { errors: FieldErrors }) {
  const messages = Object.entries(errors).flatMap(([field, texts]) =>
    (texts ?? []).map(text => (field === 'credentials' || field === '' ? text : `${field} ${text}`)),
  )
  if (messages.length === 0) return null
  return (
    <ul class="error-messages" role="alert">
      {messages.map(message => (
        <li key={message}>{message}</li>
      ))}
    </ul>
  )
}

/** A button that is a whole form: it posts to an action and returns to `back`. */
export function ActionButton(props: {
  action: string
  back?: string
  class: string
  label?: string
  children: ComponentChildren
}) {
  return (
    <form class="inline" method="post" action={props.action}>
      {props.back && <input type="hidden" name="back" value={props.back} />}
      <button type="submit" class={props.class} aria-label={props.label} title={props.label}>
        {props.children}
      </button>
    </form>
  )
}

/** A labelled text field; its value survives a refused form. */
export function Field(props: {
  name: string
  label: string
  value?: string | null | undefined
  type?: 'text' | 'email' | 'password'
  placeholder?: string
  hint?: string
  autocomplete?: 'username' | 'email' | 'current-password' | 'new-password'
  rows?: number
  required?: boolean
}) {
  const { name, label, value, hint, rows } = props
  const id = `field-${name}`
  const attributes = {
    id,
    name,
    class: 'form-control',
    placeholder: props.placeholder,
    required: props.required,
    'aria-describedby': hint ? `${id}-hint` : undefined,
  }
  return (
    <fieldset class="form-group">
      <label for={id}>{label}</label>
      {rows ? (
        <textarea {...attributes} rows={rows}>
          {value ?? ''}
        </textarea>
      ) : (
        // The types know each kind of input apart; here they differ in nothing.
        <input
          {...attributes}
          type={(props.type ?? 'text') as 'text'}
          value={value ?? ''}
          autocomplete={props.autocomplete}
        />
      )}
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </fieldset>
  )
}

/** Where to go after an action: the page that sent it if it is one of ours, else `otherwise`. */
export function backTo(back: string | undefined, otherwise: string): string {
  return back && /^\/(?![/\\])/.test(back) ? back : otherwise
}
