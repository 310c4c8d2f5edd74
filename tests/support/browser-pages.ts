/** Pages for tests of what drives a browser. Each says what happened to it in `#log`. */
const log = `<pre id="log"></pre><script>
  const say = (text) => document.getElementById('log').append(text + '\\n');
</script>`;

const pages: Readonly<Record<string, string>> = {
  '/form': `<title>A form</title><h1>Order</h1>${log}
    <form onsubmit="event.preventDefault(); say('sent')">
      <label>Name <input id="name" placeholder="Your name" oninput="say('input ' + this.value)" onchange="say('change ' + this.value)" onkeydown="say('down ' + event.key + ' ' + event.code + (event.ctrlKey ? ' ctrl' : ''))"></label>
      <label>Note <textarea id="note"></textarea></label>
      <label><input type="checkbox" id="gift" onclick="say('gift ' + this.checked)"> Gift</label>
      <label>Size <select id="size" onchange="say('size ' + this.value)"><option value="s">Small</option><option value="l">Large</option><option value="x" disabled>Huge</option></select></label>
      <label>Day <input type="date" id="day"></label>
      <label>Sealed <input id="sealed" disabled></label>
      <div id="free" contenteditable="true" aria-label="Free text" role="textbox">old</div>
      <label>Files <input type="file" id="files" multiple onchange="say('files ' + [...this.files].map((file) => file.name).join())"></label>
      <button id="send">Send the order</button>
    </form><a href="/other">Another page</a>`,
  '/mouse': `<title>The mouse</title><style>body { margin: 0; height: 3000px } #pad { position: absolute; left: 100px; top: 100px; width: 200px; height: 200px; background: #cde; user-select: none }</style>
    <div id="pad">pad</div>${log}<script>
      const pad = document.getElementById('pad');
      for (const type of ['click', 'dblclick', 'auxclick', 'contextmenu', 'mousedown', 'mouseup', 'mouseenter'])
        pad.addEventListener(type, (event) => { event.preventDefault(); say([type, event.button, event.detail, event.clientX, event.clientY, event.shiftKey ? 'shift' : '', event.metaKey ? 'meta' : ''].join(' ').trim()); });
      let moves = 0;
      pad.addEventListener('mousemove', (event) => { if (event.buttons === 1) moves++; });
      addEventListener('mouseup', () => say('moves ' + (moves > 3 ? 'many' : moves)));
      addEventListener('wheel', (event) => say('wheel ' + event.deltaX + ' ' + event.deltaY));
    </script>`,
  '/drag': `<title>Dragging</title><style>body { margin: 0 } div { position: absolute; top: 50px; width: 100px; height: 100px } #thing { left: 50px; background: red } #place { left: 400px; background: blue }</style>
    <div id="thing" draggable="true" ondragstart="event.dataTransfer.setData('text/plain', 'cargo')"></div>
    <div id="place" ondragover="event.preventDefault()" ondrop="event.preventDefault(); say('dropped ' + event.dataTransfer.getData('text/plain'))"></div>${log}`,
  '/long': `<title>A long page</title><body style="margin: 0"><button>Top button</button><div style="height: 4000px"></div>
    <button onclick="document.title = 'found'">Bottom button</button></body>`,
  '/article': `<title>An article</title><nav>Menu</nav><article><h1>News</h1><p>It rained.</p><p style="display: none">hidden</p></article><footer>Imprint</footer>`,
  '/frames': `<title>Frames</title><p>outer</p><iframe src="/inner" style="width: 300px; height: 200px; border: 0; margin-top: 40px"></iframe>`,
  '/inner': `<title>inner</title><body style="margin: 0"><button onclick="parent.document.title = 'inner clicked'">Inner button</button></body>`,
  '/dialogs': `<title>Dialogs</title><button onclick="document.title = String(confirm('Delete\\neverything?'))">Ask</button>`,
  '/popup': `<title>Popup</title><a href="/other" target="_blank">Open another</a>`,
  '/other': `<title>Other</title><p>the other page</p>`,
  '/clickable': `<title>Clickable</title><div id="box" style="width: 100px; height: 30px">A box that reacts</div><script>document.getElementById('box').addEventListener('click', () => { document.title = 'reacted'; });</script>`,
  '/colours': `<title>Colours</title><body style="margin: 0; height: 5000px; background: linear-gradient(white, black)"><div style="position: absolute; left: 0; top: 0; width: 50vw; height: 50vh; background: #ff0000"></div></body>`,
  '/console': `<title>Console</title><script>console.log('hello', 7, { a: 1 }); console.error('bad'); fetch('/missing'); setTimeout(() => { throw new Error('thrown later'); });</script>`,
  '/hostile': `<title>a\u0007b&#10;c</title><script>Object.defineProperty(window, 'innerWidth', { get: () => -5 }); document.querySelectorAll = () => { throw new Error('ours now'); };</script><p>still text</p>`,
};

export interface Pages extends Disposable {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
}

export function servePages(): Pages {
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === '/moved') return Response.redirect('/other', 302);
      if (pathname === '/file')
        return new Response('content', { headers: { 'content-disposition': 'attachment; filename="report.txt"' } });
      if (pathname === '/slow')
        return new Response('<title>Slow</title><p>begun</p><img src="/never">', {
          headers: { 'content-type': 'text/html' },
        });
      if (pathname === '/never') return new Promise<Response>(() => {});
      const page = pages[pathname];
      return page === undefined
        ? new Response('<title>Not there</title>nothing here', {
            status: 404,
            headers: { 'content-type': 'text/html' },
          })
        : new Response(`<!doctype html>${page}`, { headers: { 'content-type': 'text/html; charset=utf-8' } });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    [Symbol.dispose]() {
      void server.stop(true);
    },
  };
}
