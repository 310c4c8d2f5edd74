// A process of its own, at the viewer's side: times small exchanges and one large download. Argument: the server's URL.
const url = process.argv[2] ?? '';
const times: number[] = [];
for (let exchange = 0; exchange < 6; exchange++) {
  const startedAt = performance.now();
  await (await fetch(`${url}/small`)).arrayBuffer();
  times.push(performance.now() - startedAt);
}
const startedAt = performance.now();
const { byteLength } = await (await fetch(`${url}/bulk`)).arrayBuffer();
const seconds = (performance.now() - startedAt) / 1000;
const roundTripMs = Math.min(...times);
console.log(JSON.stringify({ roundTripMs, mbitPerSecond: (byteLength * 8) / 1e6 / seconds }));

export {};
