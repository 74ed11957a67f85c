#!/bin/sh
# bench_far: stands in for synstep-peer in the far host of `synstep send ... private`, so that it
# drops TCP at its ingress, as the far host of bench_send does; then it is synstep-peer.
nft "add table netdev bench; add chain netdev bench every { type filter hook ingress device far0 priority 0; policy accept; }; add rule netdev bench every ip protocol tcp drop" >&2 &&
    exec synstep-peer "$@"
