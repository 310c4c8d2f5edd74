#!/bin/sh
# For /etc/bhatti/init.sh on a host. The fix for stale credentials is typed as `bhatti exec desk -- sudo rm /root/.kasmpasswd && sudo /etc/bhatti/init.sh`, and the shell runs what is
# after "&&" on the host. There is nothing to do there: the desktop makes new credentials as soon as the old ones are gone.
echo 'init.sh: nothing to do on the host; inside a sandbox: bhatti exec NAME -- /etc/bhatti/init.sh'
