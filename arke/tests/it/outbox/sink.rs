//! A mail server on loopback that does as it is told, by session and by recipient, and counts what it took.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

/// What the server does with a message, by its recipient or session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Takes it.
    Take,
    /// Takes it and closes without an answer.
    TakeAndDrop,
    /// Takes it, answers, closes.
    AnswerAndDrop,
    /// Takes it and answers twice.
    AnswerTwice,
    /// Takes it after a while.
    Late(Duration),
    /// Closes when it hears a command, or in the midst of the message (`BODY`).
    DropAt(&'static str),
    /// Does not answer a command any more.
    Hang(&'static str),
    /// Answers so to a command, or to the message (`BODY`).
    Answer(&'static str, &'static str),
}

/// The rules: from the number of the session and the recipient to what is done.
pub(crate) type Rules = Arc<dyn Fn(usize, &str) -> Deed + Send + Sync>;

#[derive(Default)]
pub(crate) struct Seen {
    /// How often each Message-ID was taken.
    pub(crate) taken: Mutex<BTreeMap<String, usize>>,
    /// What was taken, as it came.
    pub(crate) mails: Mutex<Vec<Vec<u8>>>,
    /// The recipients named, in their order.
    pub(crate) named: Mutex<Vec<String>>,
    pub(crate) sessions: AtomicUsize,
    /// Told of every line of every client.
    watch: Mutex<Option<std::sync::mpsc::Sender<()>>>,
}

/// A running server; it ends with this value.
pub(crate) struct Sink {
    pub(crate) address: SocketAddr,
    pub(crate) seen: Arc<Seen>,
    _runtime: Runtime,
}

/// What EHLO offers besides.
#[derive(Clone, Default)]
pub(crate) struct Offers {
    pub(crate) utf8: bool,
    pub(crate) tls: Option<TlsAcceptor>,
    /// TLS from the first byte.
    pub(crate) implicit: bool,
}

impl Sink {
    pub(crate) fn start(rules: impl Fn(usize, &str) -> Deed + Send + Sync + 'static) -> Sink {
        Sink::offering(Offers::default(), rules)
    }

    pub(crate) fn offering(offers: Offers, rules: impl Fn(usize, &str) -> Deed + Send + Sync + 'static) -> Sink {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let seen = Arc::new(Seen::default());
        let rules: Rules = Arc::new(rules);
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::clone(&seen);
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let number = shared.sessions.fetch_add(1, Ordering::SeqCst);
                let _ = stream.set_nodelay(true);
                let (rules, seen, offers) = (Arc::clone(&rules), Arc::clone(&shared), offers.clone());
                tokio::spawn(async move {
                    let session = Session { number, rules, seen, offers: offers.clone() };
                    match offers.tls {
                        Some(acceptor) if offers.implicit => {
                            let Ok(stream) = acceptor.accept(stream).await else { return };
                            session.serve(stream, true, true).await;
                        }
                        Some(acceptor) => {
                            let Some(stream) = session.serve(stream, false, true).await else { return };
                            let Ok(stream) = acceptor.accept(stream).await else { return };
                            session.serve(stream, true, false).await;
                        }
                        None => drop(session.serve(stream, false, true).await),
                    }
                });
            }
        });
        Sink { address, seen, _runtime: runtime }
    }

    /// A channel that gets something for every line from now on.
    pub(crate) fn watch(&self) -> std::sync::mpsc::Receiver<()> {
        let (sender, receiver) = std::sync::mpsc::channel();
        *self.seen.watch.lock().unwrap() = Some(sender);
        receiver
    }

    pub(crate) fn taken(&self) -> BTreeMap<String, usize> {
        self.seen.taken.lock().unwrap().clone()
    }
}

struct Session {
    number: usize,
    rules: Rules,
    seen: Arc<Seen>,
    offers: Offers,
}

impl Session {
    /// Serves until the client or a rule ends it; gives the stream back for STARTTLS.
    async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
        encrypted: bool,
        greets: bool,
    ) -> Option<S> {
        let mut stream = BufReader::new(stream);
        let mut deed = Deed::Take;
        if greets {
            if let Deed::Answer("CONNECT", answer) = (self.rules)(self.number, "") {
                say(&mut stream, answer).await?;
                return None;
            }
            say(&mut stream, "220 sink.example ESMTP").await?;
        }
        loop {
            let line = self.line(&mut stream).await?;
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            if verb == "RCPT" {
                let recipient = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                deed = (self.rules)(self.number, &recipient);
                self.seen.named.lock().unwrap().push(recipient);
            } else if verb == "MAIL" {
                deed = (self.rules)(self.number, "");
            }
            match &deed {
                Deed::DropAt(at) if *at == verb => return None,
                Deed::Hang(at) if *at == verb => std::future::pending().await,
                Deed::Answer(at, answer) if *at == verb => {
                    say(&mut stream, answer).await?;
                    continue;
                }
                _ => {}
            }
            match verb.as_str() {
                "EHLO" => {
                    let tls = if self.offers.tls.is_some() && !encrypted { "250-STARTTLS\r\n" } else { "" };
                    let utf8 = if self.offers.utf8 { "250-SMTPUTF8\r\n" } else { "" };
                    say(&mut stream, &format!("250-sink.example\r\n{tls}{utf8}250 8BITMIME")).await?;
                }
                "STARTTLS" => {
                    say(&mut stream, "220 go on").await?;
                    return Some(stream.into_inner());
                }
                "DATA" => {
                    say(&mut stream, "354 go on").await?;
                    self.body(&mut stream, &deed).await?;
                }
                "QUIT" => {
                    say(&mut stream, "221 bye").await?;
                    return None;
                }
                _ => say(&mut stream, "250 ok").await?,
            }
        }
    }

    /// Reads the message; none ends the session.
    async fn body<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: &mut BufReader<S>, deed: &Deed) -> Option<()> {
        let mut mail = Vec::new();
        loop {
            let line = self.line(stream).await?;
            if matches!(deed, Deed::DropAt("BODY")) {
                return None;
            }
            if line == b".\r\n" {
                break;
            }
            mail.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        if let Deed::Answer("BODY", answer) = deed {
            return say(stream, answer).await;
        }
        if let Deed::Late(time) = deed {
            tokio::time::sleep(*time).await;
        }
        let id = arke::bounce::header_id(&mail).unwrap_or_default();
        *self.seen.taken.lock().unwrap().entry(id).or_default() += 1;
        self.seen.mails.lock().unwrap().push(mail);
        match deed {
            Deed::TakeAndDrop => None,
            Deed::AnswerAndDrop => {
                say(stream, "250 taken").await?;
                None
            }
            Deed::AnswerTwice => say(stream, "250 taken\r\n250 taken").await,
            _ => say(stream, "250 taken").await,
        }
    }

    async fn line<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: &mut BufReader<S>) -> Option<Vec<u8>> {
        let mut line = Vec::new();
        stream.read_until(b'\n', &mut line).await.ok()?;
        if let Some(watch) = self.seen.watch.lock().unwrap().as_ref() {
            let _ = watch.send(());
        }
        line.ends_with(b"\n").then_some(line)
    }
}

async fn say<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufReader<S>, text: &str) -> Option<()> {
    stream.get_mut().write_all(format!("{text}\r\n").as_bytes()).await.ok()?;
    stream.get_mut().flush().await.ok()
}
