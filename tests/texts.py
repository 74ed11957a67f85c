"""texts: small scenarios for the tests of `synstep run FILE...`, and the folders that hold them."""
import os

ECHO = """
title "An echo"
> SYN seq=J
< SYN,ACK seq=K ack=J+1
> ACK seq=J+1 ack=K+1
> PSH,ACK "hello"
<? ACK ack=J+6
< PSH,ACK seq=K+1 ack=J+6 "hello"
> ACK
"""

DRIVEN = """
title "The peer does as it is told"
peer listen
> SYN seq=J
< SYN,ACK seq=K ack=J+1
> ACK seq=J+1 ack=K+1
peer accept
peer send "to you"
< PSH,ACK seq=K+1 ack=J+1 "to you"
> ACK ack=K+7
peer expect rcv_nxt = J+1
peer expect write_seq = K+7
peer expect state ESTABLISHED
> RST,ACK
"""

CONNECTS = """
title "The peer opens"
peer connect
< SYN seq=K
> SYN,ACK seq=J ack=K+1
< ACK seq=K+1 ack=J+1
peer expect state ESTABLISHED
> RST,ACK
"""

WRONG_ACK = """
title "An ack that is off by one"
> SYN seq=J
< SYN,ACK seq=K ack=J+2 mss=1400
> ACK
"""

SILENCE = """
> SYN seq=J
< SYN,ACK seq=K ack=J+1
< SYN within 50ms
"""

WAITS = """
title "Waits"
peer listen
> SYN seq=J
< SYN,ACK seq=K ack=J+1
> ACK
peer accept
wait 100s
"""

# Three mistakes in as many lines.
MISTAKES = "> SYNN seq=J\n< SYN,ACK sq=K\npeer lisen\n"


def folder_of(case, **texts):
    """A folder with NAME.step for each text; "a__b" lies in a folder a."""
    folder = case.folder()
    os.chmod(folder, 0o755)
    for name, text in texts.items():
        path = os.path.join(folder, *name.split("__")) + ".step"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    return folder


def file_with(case, text, name="one"):
    return os.path.join(folder_of(case, **{name: text}), name + ".step")
