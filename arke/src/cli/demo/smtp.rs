//! A mail server that takes everything and keeps it: loopback only, no TLS.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What arrived, in order: each mail with line feeds.
#[derive(Clone, Default)]
pub(super) struct Mails(Arc<Mutex<Vec<String>>>);

impl Mails {
    pub(super) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add(&self, mail: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
    }
}

/// Serves until its runtime ends.
pub(super) async fn serve(listener: TcpListener, mails: Mails) {
    while let Ok((stream, _)) = listener.accept().await {
        let mails = mails.clone();
        tokio::spawn(async move {
            // A client that goes away ends its own talk only.
            let _ = talk(stream, &mails).await;
        });
    }
}

async fn talk(stream: TcpStream, mails: &Mails) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 mail.registry.example\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let command = line.to_ascii_uppercase();
        let answer: &[u8] = if command.starts_with("EHLO") {
            b"250-mail.registry.example\r\n250 8BITMIME\r\n"
        } else if command == "DATA" {
            write.write_all(b"354 End with a dot\r\n").await?;
            let mut text = String::new();
            while let Some(line) = lines.next_line().await? {
                if line == "." {
                    break;
                }
                text.push_str(line.strip_prefix('.').unwrap_or(&line));
                text.push('\n');
            }
            mails.add(text);
            b"250 2.0.0 Ok\r\n"
        } else if command == "QUIT" {
            write.write_all(b"221 2.0.0 Bye\r\n").await?;
            break;
        } else {
            b"250 2.0.0 Ok\r\n"
        };
        write.write_all(answer).await?;
    }
    Ok(())
}
