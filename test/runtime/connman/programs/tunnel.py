# Connects two network namespaces by a point-to-point tunnel: tun0 here, and tun0 in the namespace that is given by name.
import ctypes, fcntl, os, select, struct, sys

TUNSETIFF, IFF_TUN, IFF_NO_PI, CLONE_NEWNET = 0x400454CA, 0x0001, 0x1000, 0x40000000


def open_tunnel():
    tunnel = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tunnel, TUNSETIFF, struct.pack("16sH", b"tun0", IFF_TUN | IFF_NO_PI))
    return tunnel


here = open_tunnel()
if ctypes.CDLL(None, use_errno=True).setns(os.open(f"/run/netns/{sys.argv[1]}", os.O_RDONLY), CLONE_NEWNET) != 0:
    sys.exit(os.strerror(ctypes.get_errno()))
there = open_tunnel()
print("ready", flush=True)
while True:
    for tunnel in select.select([here, there], [], [])[0]:
        try:
            os.write(there if tunnel == here else here, os.read(tunnel, 65536))
        except OSError:
            pass  # The other side is switched off.
