# Serves AT commands of a GSM modem on an abstract socket, for the virtual modems of ModemManager.
# Usage: at-modem.py <name of the socket>
import socket
import sys

# Answers by command. Other commands are refused.
ANSWERS = {
    "AT+GCAP": "+GCAP: +CGSM",
    "ATI": "Example",
    "AT+WS46=?": "+WS46: (12,22)",
    "AT+CGMI": "Example",
    "AT+CGMM": "Lamp modem",
    "AT+CGMR": "7",
    "AT+CGSN": "490154203237518",
    "AT+CGDCONT=?": '+CGDCONT: (1-4),"IP",,,(0-2),(0-3)',
    "AT+CIMI": "262011234567890",
    "AT+CLCK=?": '+CLCK: ("SC")',
    'AT+CLCK="SC",2': "+CLCK: 0",
    "AT+CFUN?": "+CFUN: 1",
    "AT+CSCS=?": '+CSCS: ("IRA","UCS2")',
    "AT+CSCS?": '+CSCS: "UCS2"',
    "AT+CREG?": '+CREG: 2,1,"1234","001122BB"',
    "AT+CGREG?": '+CGREG: 2,1,"31C5","0083F7CD"',
    "AT+CRSM=176,12258,0,0,10": '+CRSM: 144,0,"98941000000000000000"',
    "AT+CSQ": "+CSQ: 17,99",
    "AT+CPIN?": "+CPIN: READY",
    "AT+CNUM": '+CNUM: "","+491700000000",145',
    "AT": "",
}
ACCEPTED = ("ATE", "ATV", "ATX", "AT&", "ATZ", "AT+CMEE=", "AT+IFC=", "AT+CSCS=", "AT+CREG=", "AT+CGREG=", "AT+CFUN=", "AT+COPS=")

# The network by format of its name, which AT+COPS=3 selects.
NETWORKS = {"AT+COPS=3,0": '+COPS: 0,0,"Example"', "AT+COPS=3,2": '+COPS: 0,2,"26201",2'}

server = socket.socket(socket.AF_UNIX)
server.bind("\0" + sys.argv[1])
server.listen()
while True:
    client, _ = server.accept()
    received = b""
    while chunk := client.recv(4096):
        *commands, received = (received + chunk).split(b"\r")
        for command in commands:
            name = command.decode("ascii", "replace").strip()
            ANSWERS["AT+COPS?"] = NETWORKS.get(name, ANSWERS.get("AT+COPS?"))
            answer = ANSWERS.get(name, "" if name.startswith(ACCEPTED) else None)
            if answer is None:
                client.sendall(b"\r\nERROR\r\n")
            else:
                client.sendall((f"\r\n{answer}\r\n" if answer else "").encode() + b"\r\nOK\r\n")
