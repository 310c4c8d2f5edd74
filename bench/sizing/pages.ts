// Pages that need no network: a long text with pictures, and a film, which the browser encodes itself, in its own time, and then decodes and shows as any other.

const words =
  'the page is long enough to be scrolled for a while and every line of it is new so that nothing but the moved part is known'.split(
    ' ',
  );

/** Its title is `Text NUMBER` when it is drawn. */
export function textPage(): string {
  return `<!doctype html>
<meta charset="utf-8">
<style>body { margin: 0 auto; width: 900px; font: 16px/1.5 serif } canvas { display: block; width: 100% }</style>
<script>
  const words = ${JSON.stringify(words)};
  let state = 1;
  const next = (below) => (state = (state * 48271) % 2147483647) % below;
  for (let section = 0; section < 40; section++) {
    document.write('<h2>Section ' + section + '</h2>');
    if (section % 4 === 0) document.write('<canvas width="900" height="400"></canvas>');
    for (let i = 0; i < 12; i++) {
      document.write('<p>' + Array.from({ length: 60 + next(60) }, () => words[next(words.length)]).join(' ') + '.</p>');
    }
  }
  ${photo}
  for (const canvas of document.querySelectorAll('canvas')) draw(canvas);
  requestAnimationFrame(() => (document.title = 'Text ' + location.hash.slice(1)));
</script>`;
}

/** Its title is `Film` when it plays. */
export function filmPage({ width, height }: { readonly width: number; readonly height: number }): string {
  return `<!doctype html>
<meta charset="utf-8">
<title>Encoding</title>
<style>body { margin: 0; background: #000 } canvas { display: block }</style>
<canvas width="${width}" height="${height}"></canvas>
<script type="module">
  ${photo}
  const canvas = document.querySelector('canvas');
  const context = canvas.getContext('2d');
  const still = Object.assign(document.createElement('canvas'), { width: ${width + 200}, height: ${height + 100} });
  draw(still);
  const fail = (error) => (document.title = String(error));
  const chunks = [];
  const encoder = new VideoEncoder({ output: (chunk) => chunks.push(chunk), error: fail });
  encoder.configure({ codec: 'vp8', width: ${width}, height: ${height}, bitrate: 4e6, framerate: ${filmRate} });
  const count = ${filmRate * 3};
  for (let i = 0; i < count; i++) {
    const turn = (i / count) * 2 * Math.PI;
    context.drawImage(still, -100 - 100 * Math.sin(turn), -50 - 50 * Math.cos(2 * turn));
    const frame = new VideoFrame(canvas, { timestamp: (i * 1e6) / ${filmRate} });
    encoder.encode(frame, { keyFrame: i === 0 });
    frame.close();
    if (i % 5 === 0) await encoder.flush();
  }
  await encoder.flush();
  const decoder = new VideoDecoder({
    output(frame) {
      context.drawImage(frame, 0, 0);
      frame.close();
    },
    error: fail,
  });
  decoder.configure({ codec: 'vp8', codedWidth: ${width}, codedHeight: ${height} });
  let next = 0;
  setInterval(() => {
    // As a player does when it is late: what is not decoded in time is not asked for either.
    if (decoder.decodeQueueSize > 2) return;
    decoder.decode(chunks[next]);
    next = (next + 1) % chunks.length;
  }, 1000 / ${filmRate});
  document.title = 'Film';
</script>`;
}

const filmRate = 30;

const photo = `const draw = (canvas) => {
    const { width, height } = canvas;
    const context = canvas.getContext('2d');
    const image = context.createImageData(width, height);
    for (let i = 0; i < image.data.length; i += 4) {
      const x = (i / 4) % width, y = Math.floor(i / 4 / width), grain = Math.random() * 16;
      image.data[i] = 128 + 100 * Math.sin(x / 40) + grain;
      image.data[i + 1] = 128 + 100 * Math.cos(y / 30) + grain;
      image.data[i + 2] = 128 + 100 * Math.sin((x + y) / 60) + grain;
      image.data[i + 3] = 255;
    }
    context.putImageData(image, 0, 0);
  };`;
