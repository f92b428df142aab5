/** The server and the browser of all tests: { wombat, browser }. */
export const shared = {}
