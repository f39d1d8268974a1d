//! What runs inside of a network namespace: servers that say who they are and whom they see, and a client that sends what it is told to.
//!
//! It is the test's own program, started again with `ip netns exec`. A job is a line `ID PROTOCOL DESTINATION MILLISECONDS`, its answer
//! `ID ok NAME LOCAL PEER`, `ID refused`, `ID cut`, `ID silent` or `ID failed TEXT`.

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

/// The variable that tells the program to be an agent: its name, and what it listens on.
pub const VARIABLE: &str = "WHYPATH_KERNEL_AGENT";

/// Serves and sends until the test closes its input.
pub fn run(words: &str) {
    let mut words = words.split(' ');
    let name = words.next().unwrap_or_default().to_owned();
    for word in words {
        let Some((protocol, address)) = word.split_once('/') else {
            continue;
        };
        let address: SocketAddr = address.parse().expect("an address to listen on");
        let name = name.clone();
        if protocol == "tcp" {
            let listener = TcpListener::bind(address).expect("a listener");
            thread::spawn(move || serve_tcp(&name, &listener));
        } else {
            let socket = UdpSocket::bind(address).expect("a socket");
            thread::spawn(move || serve_udp(&name, &socket));
        }
    }
    println!("ready");
    for line in std::io::stdin().lines() {
        let Ok(line) = line else { break };
        thread::spawn(move || {
            let words: Vec<&str> = line.split(' ').collect();
            let [id, protocol, to, wait] = words.as_slice() else {
                return;
            };
            let wait = Duration::from_millis(wait.parse().expect("milliseconds"));
            let to: SocketAddr = to.parse().expect("a destination");
            let answer = if *protocol == "tcp" {
                send_tcp(to, wait)
            } else {
                send_udp(to, wait)
            };
            let said = match answer {
                Ok(text) => format!("ok {text}"),
                Err(error) => match error.kind() {
                    ErrorKind::ConnectionRefused => "refused".to_owned(),
                    ErrorKind::ConnectionReset => "cut".to_owned(),
                    // What a rule of the sender's own node drops comes back as EPERM.
                    ErrorKind::TimedOut | ErrorKind::WouldBlock | ErrorKind::PermissionDenied => "silent".to_owned(),
                    _ => format!("failed {error}"),
                },
            };
            println!("{id} {said}");
        });
    }
}

fn serve_tcp(name: &str, listener: &TcpListener) {
    for stream in listener.incoming() {
        let Ok(mut stream) = stream else { continue };
        if let (Ok(local), Ok(peer)) = (stream.local_addr(), stream.peer_addr()) {
            let _ = write!(stream, "{name} {local} {peer}");
        }
    }
}

fn serve_udp(name: &str, socket: &UdpSocket) {
    let mut buffer = [0; 16];
    while let Ok((_, peer)) = socket.recv_from(&mut buffer) {
        if let Ok(local) = socket.local_addr() {
            let _ = socket.send_to(format!("{name} {local} {peer}").as_bytes(), peer);
        }
    }
}

fn send_tcp(to: SocketAddr, wait: Duration) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&to, wait)?;
    // The kernel has answered; the program behind it may be slow.
    stream.set_read_timeout(Some(wait * 4))?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok(text)
}

fn send_udp(to: SocketAddr, wait: Duration) -> std::io::Result<String> {
    let socket = UdpSocket::bind(if to.is_ipv6() { "[::]:0" } else { "0.0.0.0:0" })?;
    socket.connect(to)?;
    socket.set_read_timeout(Some(wait))?;
    // What a rule of this very machine refuses cannot be sent, and what it says comes after.
    let sent = socket.send(b"?");
    let mut buffer = [0; 200];
    let length = match socket.recv(&mut buffer) {
        Err(error) if error.kind() != ErrorKind::ConnectionRefused => sent.and(Err(error))?,
        other => other?,
    };
    Ok(String::from_utf8_lossy(&buffer[..length]).into_owned())
}

/// An agent as the test sees it.
pub struct Agent {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Agent {
    /// Starts one in a namespace; it listens once this returns.
    pub fn start(namespace: &str, name: &str, listens: &[String]) -> std::io::Result<Self> {
        let mut child = Command::new("ip")
            .args(["netns", "exec", namespace])
            .arg(std::env::current_exe()?)
            .env(VARIABLE, format!("{name} {}", listens.join(" ")))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take().ok_or(ErrorKind::BrokenPipe)?;
        let output = child.stdout.take().ok_or(ErrorKind::BrokenPipe)?;
        let mut agent = Self {
            child,
            input,
            output: BufReader::new(output),
        };
        if agent.line()? == "ready" {
            Ok(agent)
        } else {
            Err(std::io::Error::other(format!("the agent {name} does not start")))
        }
    }

    /// Gives it a job.
    pub fn send(&mut self, id: usize, protocol: &str, to: SocketAddr, wait: u64) -> std::io::Result<()> {
        writeln!(self.input, "{id} {protocol} {to} {wait}")
    }

    /// The next line that it says.
    pub fn line(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
