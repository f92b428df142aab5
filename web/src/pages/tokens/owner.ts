export interface TokenOwner {
  kind: 'user' | 'project'
  id: string
}
