//! The registry's RDAP server, played: made-up people, of whom no other part of the demo knows.

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A registration: name, day, registrar, reseller, and who holds it.
struct Registered {
    name: &'static str,
    since: &'static str,
    registrar: (&'static str, &'static str),
    reseller: Option<&'static str>,
    holder: Holder,
}

/// Who holds a name, as RDAP shows it.
enum Holder {
    /// Name, address, language.
    Person(&'static str, &'static str, &'static str),
    /// Only a page with a form.
    Form(&'static str),
    /// A privacy service.
    Proxy,
}

const CHEAP: (&str, &str) = ("Cheap Names Ltd", "abuse@cheap-names.example");
const OLD: (&str, &str) = ("Old Registrar SA", "abuse@old-registrar.example");

const REGISTERED: [Registered; 8] = [
    Registered {
        name: "bank-secure.xx",
        since: "2025-02-27",
        registrar: CHEAP,
        reseller: Some("Corner Domains"),
        holder: Holder::Person("J. Smith", "j.smith@free-mail.example", "en"),
    },
    Registered {
        name: "parcel-fee.xx",
        since: "2025-02-28",
        registrar: CHEAP,
        reseller: None,
        holder: Holder::Form("https://cheap-names.example/contact"),
    },
    Registered {
        name: "shop.xx",
        since: "2011-05-02",
        registrar: OLD,
        reseller: None,
        holder: Holder::Person("Shop of Xx", "owner@shop-mail.example", "en"),
    },
    Registered {
        name: "garden.zz",
        since: "2016-01-12",
        registrar: OLD,
        reseller: Some("Jardin Web"),
        holder: Holder::Person("Amélie Garden", "amelie@garden-mail.example", "fr"),
    },
    Registered {
        name: "media.co.zz",
        since: "2014-09-30",
        registrar: OLD,
        reseller: None,
        holder: Holder::Person("Media Co", "office@media-mail.example", "en"),
    },
    Registered {
        name: "cheap-pills.zz",
        since: "2025-02-20",
        registrar: CHEAP,
        reseller: None,
        holder: Holder::Proxy,
    },
    Registered {
        name: "books.zz",
        since: "2012-06-14",
        registrar: OLD,
        reseller: None,
        holder: Holder::Person("Books of Zz", "books@books-mail.example", "es"),
    },
    Registered {
        name: "tulips.zz",
        since: "2024-09-02",
        registrar: CHEAP,
        reseller: None,
        holder: Holder::Person("T. Lips", "t.lips@free-mail.example", "en"),
    },
];

/// Serves until its runtime ends.
pub(super) async fn serve(listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let _ = talk(stream).await;
        });
    }
}

/// Answers one request and closes.
async fn talk(stream: TcpStream) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut name = String::new();
    while let Some(line) = lines.next_line().await? {
        if let Some(path) = line.strip_prefix("GET ") {
            let path = path.split(' ').next().unwrap_or_default();
            name = path.rsplit('/').next().unwrap_or_default().to_owned();
        }
        if line.is_empty() {
            break;
        }
    }
    let found = REGISTERED.iter().find(|registered| registered.name == name);
    let (status, body) = match found {
        Some(registered) => ("200 OK", registered.answer()),
        None => ("404 Not Found", json!({ "errorCode": 404, "title": "not found" })),
    };
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/rdap+json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    write.write_all(head.as_bytes()).await?;
    write.write_all(body.as_bytes()).await
}

impl Registered {
    fn answer(&self) -> Value {
        let (registrar, abuse) = self.registrar;
        let mut entities = vec![
            self.holder.entity(),
            json!({
                "objectClassName": "entity", "roles": ["registrar"], "vcardArray": card(registrar, &[]),
                "entities": [{ "objectClassName": "entity", "roles": ["abuse"],
                    "vcardArray": card("Abuse desk", &[json!(["email", {}, "text", abuse])]) }],
            }),
        ];
        if let Some(reseller) = self.reseller {
            entities.push(
                json!({ "objectClassName": "entity", "roles": ["reseller"], "vcardArray": card(reseller, &[]) }),
            );
        }
        json!({
            "objectClassName": "domain", "ldhName": self.name, "rdapConformance": ["rdap_level_0"],
            "status": ["active"], "entities": entities,
            "events": [{ "eventAction": "registration", "eventDate": format!("{}T00:00:00Z", self.since) }],
        })
    }
}

impl Holder {
    fn entity(&self) -> Value {
        let card = match self {
            Holder::Person(name, address, language) => {
                let more = [json!(["email", {}, "text", address]), json!(["lang", {}, "language-tag", language])];
                card(name, &more)
            }
            Holder::Form(page) => card("", &[json!(["contact-uri", {}, "uri", page])]),
            Holder::Proxy => card("Privacy service", &[json!(["email", {}, "text", "x7@proxy.example"])]),
        };
        let status = if matches!(self, Holder::Proxy) { json!(["proxy"]) } else { json!(["active"]) };
        json!({ "objectClassName": "entity", "roles": ["registrant", "administrative", "technical"], "status": status,
            "vcardArray": card })
    }
}

/// A jCard (RFC 7095).
fn card(name: &str, more: &[Value]) -> Value {
    let mut properties = vec![json!(["version", {}, "text", "4.0"]), json!(["fn", {}, "text", name])];
    properties.extend_from_slice(more);
    json!(["vcard", properties])
}
