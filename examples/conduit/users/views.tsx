import { asset } from 'quintet'
import { ActionButton } from '../forms.tsx'
import type { Byline } from './queries.ts'

export const profileUrl = (username: string) => `/profile/${encodeURIComponent(username)}`

/** A user's picture; the name stands beside it, so it says nothing to a screen reader. */
export function Avatar({ of, class: className, size }: { of: Byline; class?: string; size: number }) {
  const source = of.image ?? asset('default-avatar.svg')
  return (
    <img class={className} src={source} alt="" width={size} height={size} loading="lazy" decoding="async" />
  )
}

export function FollowButton(props: { username: string; following: boolean; back?: string; class?: string }) {
  const { username, following } = props
  return (
    <ActionButton
      action={`${profileUrl(username)}?action=${following ? 'unfollow' : 'follow'}`}
      back={props.back}
      class={`btn btn-sm action-btn ${following ? 'btn-secondary' : 'btn-outline-secondary'} ${props.class ?? ''}`.trim()}
    >
      <i class={following ? 'ion-checkmark-round' : 'ion-plus-round'} aria-hidden="true" />
      {following ? 'Unfollow' : 'Follow'} {username}
    </ActionButton>
  )
}
