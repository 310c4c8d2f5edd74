/*
 * A viewer on libvncclient, as the tests want it: vnc-client PORT BITS ENCODING FILE [KEYSYM]
 * User, password and the certificate to trust are in VNC_USER, VNC_PASSWORD and VNC_CA. With a keysym it presses that key, waits until all it said has been handled, and ends; without, it goes on and
 * writes what it shows into FILE (PPM) after each update.
 */
#include <rfb/rfbclient.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char* picture_path;
static int updates;

static rfbCredential* give_credential(rfbClient* client, int type) {
  rfbCredential* credential = calloc(1, sizeof *credential);
  if (type == rfbCredentialTypeUser) {
    credential->userCredential.username = strdup(getenv("VNC_USER"));
    credential->userCredential.password = strdup(getenv("VNC_PASSWORD"));
  } else {
    credential->x509Credential.x509CACertFile = strdup(getenv("VNC_CA"));
  }
  return credential;
}

static unsigned channel(unsigned pixel, unsigned shift, unsigned max) {
  return (pixel >> shift & max) * 255 / max;
}

static void write_picture(rfbClient* client) {
  char temporary[4096];
  const rfbPixelFormat* format = &client->format;
  int bytes = format->bitsPerPixel / 8;
  snprintf(temporary, sizeof temporary, "%s.tmp", picture_path);
  FILE* file = fopen(temporary, "wb");
  if (file == NULL) exit(3);
  fprintf(file, "P6\n%d %d\n255\n", client->width, client->height);
  for (int i = 0; i < client->width * client->height; i++) {
    unsigned pixel = 0;
    memcpy(&pixel, client->frameBuffer + i * bytes, bytes);
    fputc(channel(pixel, format->redShift, format->redMax), file);
    fputc(channel(pixel, format->greenShift, format->greenMax), file);
    fputc(channel(pixel, format->blueShift, format->blueMax), file);
  }
  fclose(file);
  rename(temporary, picture_path);
  updates++;
}

static void run_until_update(rfbClient* client) {
  int before = updates;
  while (updates == before) {
    int ready = WaitForMessage(client, 1000000);
    if (ready < 0 || (ready > 0 && !HandleRFBServerMessage(client))) exit(2);
  }
}

int main(int argc, char** argv) {
  int bits = atoi(argv[2]);
  rfbClient* client = bits == 8 ? rfbGetClient(2, 3, 1) : bits == 16 ? rfbGetClient(5, 3, 2) : rfbGetClient(8, 3, 4);
  client->GetCredential = give_credential;
  client->FinishedFrameBufferUpdate = write_picture;
  client->appData.encodingsString = argv[3];
  client->serverHost = strdup("localhost");
  client->serverPort = atoi(argv[1]);
  picture_path = argv[4];
  if (!rfbInitClient(client, NULL, NULL)) return 1;
  run_until_update(client);
  if (argc > 5) {
    unsigned key = strtoul(argv[5], NULL, 0);
    SendKeyEvent(client, key, TRUE);
    SendKeyEvent(client, key, FALSE);
    SendFramebufferUpdateRequest(client, 0, 0, client->width, client->height, FALSE);
    run_until_update(client);
    return 0;
  }
  for (;;) run_until_update(client);
}
