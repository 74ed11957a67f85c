#!/usr/bin/env python3
"""floors: scripts/check-floors accepts a sound tree and convicts each kind of breach by its place."""
import os
import subprocess
import sys
import tempfile
from pathlib import Path

CHECK = Path(os.environ["SYNSTEP_SRCDIR"], "scripts/check-floors")

SOUND = {
    "include/synstep/bytes.h": "",
    "include/synstep/seq.h": '#include "synstep/bytes.h"\nint ss_seq(void);\n',
    "include/synstep/endpoint.h": '#include "synstep/seq.h"\n',
    "include/synstep/verify.h": '#include "synstep/seq.h"\n',
    "include/synstep/wire.h": '#include "synstep/endpoint.h"\n',
    "src/base/seq.c": '#include "synstep/seq.h"\nint ss_seq(void) { return 1; }\n',
    "src/tcp/endpoint.c": '#include "synstep/endpoint.h"\nint ss_end(void) { return ss_seq(); }\n',
    "src/tcp/verify.c": '#include <string.h>\n#include "synstep/verify.h"\n',
    "src/wire/wire.c": '#include "config.h"\n#include "synstep/wire.h"\n#include "near.h"\n',
    "src/wire/near.h": "",
    "src/peer/main.c": "#include <stdio.h>\nint main(void) { return puts(\"start\"); }\n",
    "src/peer/witness.h": "int peer_witness(void);\n",
    "src/puppet/main.c": '#include "../peer/witness.h"\nint main(void) { return 0; }\n',
    "src/talk/main.c": "int main(void) { return 0; }\n",
}

# What a breach does to one file, and what the answer must then say.
BREACHES = [
    ("a lower floor includes a higher one", "src/base/seq.c", '#include "synstep/wire.h"\n',
     "src/base/seq.c:1: base (floor 0) includes synstep/wire.h of wire (floor 3)"),
    ("a header includes a higher floor's", "include/synstep/bytes.h",
     '#include <synstep/endpoint.h>\n',
     "include/synstep/bytes.h:1: base (floor 0) includes synstep/endpoint.h of tcp (floor 2)"),
    ("verify includes endpoint", "src/tcp/verify.c", '\n#include "synstep/endpoint.h"\n',
     "src/tcp/verify.c:2: verify includes synstep/endpoint.h"),
    ("endpoint includes verify", "include/synstep/endpoint.h", '#include "synstep/verify.h"\n',
     "include/synstep/endpoint.h:1: endpoint includes synstep/verify.h"),
    ("a header without a home", "src/wire/wire.c", '#include "synstep/nowhere.h"\n',
     "src/wire/wire.c:1: nowhere.h belongs to no floor"),
    ("a way around by ../", "src/tcp/verify.c", '#include "../wire/near.h"\n',
     'src/tcp/verify.c:1: "../wire/near.h" is not in the same folder'),
    ("floor 0 allocates", "src/base/seq.c",
     "#include <stdlib.h>\nvoid *ss_bad(void) {\n  return malloc(1);\n}\n",
     "src/base/seq.c:3: needs malloc"),
    ("floor 2 reaches for floor 3", "src/tcp/endpoint.c",
     "int ss_wire(void);\nint ss_up(void) { int n = ss_wire(); return n + 1; }\n",
     "src/tcp/endpoint.c:2: needs ss_wire"),
    ("floor 0 does not compile", "src/base/seq.c", "int\n", "cannot judge"),
    ("the peer includes a header of the rest", "src/peer/main.c", "#include <synstep/seq.h>\n",
     "src/peer/main.c:1: includes synstep/seq.h"),
    ("the talker includes the peer's header", "src/talk/main.c", '#include "../peer/a.h"\n',
     "src/talk/main.c:1: includes ../peer/a.h"),
    ("the puppet includes what is the peer's own", "src/puppet/main.c", '#include "../peer/a.h"\n',
     "src/puppet/main.c:1: includes ../peer/a.h"),
    ("the peer includes the puppet's header", "src/peer/main.c", '#include "../puppet/a.h"\n',
     "src/peer/main.c:1: includes ../puppet/a.h"),
    ("the puppet includes a header of the rest", "src/puppet/main.c", '#include "synstep/seq.h"\n',
     "src/puppet/main.c:1: includes synstep/seq.h"),
    ("the puppet calls an ss_ function", "src/puppet/main.c",
     "int ss_seq(void);\nint twice(void) { return 2 * ss_seq(); }\n",
     "src/puppet/main.c:2: symbol ss_seq"),
    ("the peer calls an ss_ function", "src/peer/main.c",
     "int ss_seq(void);\nint twice(void) { return 2 * ss_seq(); }\n",
     "src/peer/main.c:2: symbol ss_seq"),
    ("the talker defines an ss_ symbol", "src/talk/main.c", "int ss_here(void) { return 1; }\n",
     "src/talk/main.c:1: symbol ss_here"),
]


def judge(changed=None, before=""):
    """check-floors over the sound tree, with `before` put at the head of one file."""
    with tempfile.TemporaryDirectory(dir=os.environ["SYNSTEP_BUILDDIR"]) as tree:
        for name, text in SOUND.items():
            file = Path(tree, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text((before if name == changed else "") + text)
        done = subprocess.run([CHECK], env={**os.environ, "SYNSTEP_SRCDIR": tree}, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return done.returncode, done.stdout


def main():
    print(f"1..{1 + len(BREACHES)}")
    status, answer = judge()
    print("ok" if status == 0 and "not ok" not in answer else "not ok", "1 - a sound tree is accepted")
    if status != 0:
        print("#", answer.replace("\n", "\n# "))
    for number, (what, file, before, expected) in enumerate(BREACHES, 2):
        status, answer = judge(file, before)
        convicted = status == 1 and expected in answer
        print("ok" if convicted else "not ok", number, "-", what)
        if not convicted:
            print(f"# status {status}, expected: {expected}\n#", answer.replace("\n", "\n# "))


if __name__ == "__main__":
    sys.exit(main())
