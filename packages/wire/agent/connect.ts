/** Target of a CONNECT to the agent that leads to the display server's control API; others are `127.0.0.1:PORT`. */
export const desktopTarget = 'desktop';
