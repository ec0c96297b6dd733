#!/bin/sh
# notify.sh URL: what people write first. Nothing is stored, nothing is told
# once only, and when the connection ends, so does this.
curl -sN "$1" | while read -r line; do
	case $line in
	'data: '*) notify-send -- 'Stream' "${line#data: }" ;;
	esac
done
