# SPDX-License-Identifier: Apache-2.0
"""A link between two network namespaces whose packets take their time, and some of which are lost:
what the queueing discipline netem does, in kernels without it too."""
import fcntl
import os
import random
import select
import struct
import subprocess
import threading
import time

TUN = "/dev/net/tun"
SET_INTERFACE = 0x400454CA  # TUNSETIFF
PACKETS_WITHOUT_HEADER = 0x0001 | 0x1000  # IFF_TUN | IFF_NO_PI


class SlowLink:
    """Packets arrive `delay` seconds later, but for a share `loss` of them."""

    def __init__(self, interfaces, delay=0.002, loss=0.01):
        self.interfaces = interfaces
        self.delay = delay
        self.loss = loss
        self.ends = []
        self.passed = self.lost = 0
        self.running = True
        self.thread = threading.Thread(target=self.carry, daemon=True)

    def connect(self, namespaces, addresses):
        """Puts an end with an address into each namespace. Errors: OSError, CalledProcessError."""
        for interface, namespace, address in zip(self.interfaces, namespaces, addresses):
            end = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
            self.ends.append(end)
            fcntl.ioctl(end, SET_INTERFACE,
                        struct.pack("16sH22x", interface.encode(), PACKETS_WITHOUT_HEADER))
            for words in (["link", "set", interface, "netns", namespace],
                          ["-n", namespace, "addr", "add", address, "dev", interface],
                          ["-n", namespace, "link", "set", interface, "up"]):
                subprocess.run(["ip", *words], check=True, capture_output=True, text=True)
        self.thread.start()

    def carry(self):
        draw = random.Random(1)
        under_way = []  # (when it arrives, where, packet), the earliest first
        while self.running:
            now = time.monotonic()
            while under_way and under_way[0][0] <= now:
                self.deliver(*under_way.pop(0)[1:])
            wait = max(0, under_way[0][0] - now) if under_way else 0.1
            for end in select.select(self.ends, [], [], wait)[0]:
                packet = os.read(end, 65536)
                if draw.random() < self.loss:
                    self.lost += 1
                else:
                    other = self.ends[1 - self.ends.index(end)]
                    under_way.append((time.monotonic() + self.delay, other, packet))

    def deliver(self, end, packet):
        try:
            os.write(end, packet)
            self.passed += 1
        except OSError:
            self.lost += 1  # that end is down, or full

    def remove(self):
        self.running = False
        if self.thread.is_alive():
            self.thread.join()
        for end in self.ends:
            os.close(end)
