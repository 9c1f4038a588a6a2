/** The script of a Pod that serves a page, and the address of the requester, on port 8080. */
export const webPod = `
mkdir -p /tmp/www/cgi-bin && cd /tmp/www
echo hello > index.html
printf '#!/bin/sh\\nprintf "\\\\r\\\\n$REMOTE_ADDR"\\n' > cgi-bin/who
chmod +x cgi-bin/*
exec httpd -f -p 8080 -h /tmp/www
`;
