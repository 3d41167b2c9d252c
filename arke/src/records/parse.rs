//! The grammar of the script: the statements that our writer writes, in its order, and nothing else.
//!
//! ```text
//! script  = ";" "BEGIN" ";" drop* create* ";" insert* "COMMIT" ";"
//! drop    = "DROP TABLE IF EXISTS" name ";"
//! create  = "CREATE TABLE" name "(" (column ",")+ "PRIMARY KEY" "(" names ")" ")" ";"
//! column  = name type ["(" number ")"] ["NOT" "NULL"]
//! insert  = "INSERT INTO" name "(" names ")" "VALUES" row ("," row)* ";"
//! ```

use panopticon_model::records::{DIGEST, Digest, META, Value};

use super::tokens::{Token, Tokens};
use super::{RecordsError, Row};

/// What is known of a script up to a statement.
#[derive(Default)]
pub(super) struct Script {
    stage: Stage,
    tables: Vec<Table>,
    /// The table whose rows were read last: rows come in the order of the tables.
    filling: usize,
    /// Tables whose name went into the digest.
    digested: usize,
    digest: Digest,
    meta: Option<Vec<Value>>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Start,
    /// After `BEGIN`.
    Open,
    /// After `COMMIT`.
    Over,
}

struct Table {
    name: String,
    columns: Vec<String>,
    rows: u64,
}

/// What a whole script held.
pub(super) struct Read {
    /// The columns of `meta`.
    pub(super) meta_columns: Vec<String>,
    /// Its one row.
    pub(super) meta: Vec<Value>,
    /// The tables with the number of their rows.
    pub(super) counts: Vec<(String, u64)>,
    /// The digest of all rows.
    pub(super) digest: String,
}

type Each<'e> = &'e mut dyn FnMut(&Row<'_>) -> Result<(), RecordsError>;

impl Script {
    /// Reads the statements of a text that stands after so many lines.
    pub(super) fn read(&mut self, text: &str, lines: usize, each: Each<'_>) -> Result<(), RecordsError> {
        let mut parser = Parser { script: self, tokens: Tokens::new(text, lines), each };
        while !parser.tokens.is_over()? {
            parser.statement()?;
        }
        Ok(())
    }

    /// What was read, if the script is whole.
    pub(super) fn finish(mut self) -> Result<Read, RecordsError> {
        let meta = self.meta.take().filter(|_| self.stage == Stage::Over).ok_or(RecordsError::Torn)?;
        self.name_in_digest(self.tables.len());
        let meta_columns = self.tables.iter().find(|table| table.name == META).map(|table| table.columns.clone());
        Ok(Read {
            meta_columns: meta_columns.unwrap_or_default(),
            meta,
            counts: self.tables.into_iter().map(|table| (table.name, table.rows)).collect(),
            digest: self.digest.finish(),
        })
    }

    /// The digest names every table in its place, those without rows as well.
    fn name_in_digest(&mut self, until: usize) {
        for table in self.tables.get(self.digested..until).unwrap_or_default() {
            self.digest.table(&table.name);
        }
        self.digested = self.digested.max(until);
    }
}

struct Parser<'s, 'a, 'e> {
    script: &'s mut Script,
    tokens: Tokens<'a>,
    each: Each<'e>,
}

impl<'a> Parser<'_, 'a, '_> {
    fn statement(&mut self) -> Result<(), RecordsError> {
        let first = self.tokens.next()?;
        match (self.script.stage, first) {
            // Left over from a comment that only MariaDB reads.
            (Stage::Start | Stage::Open, Token::Mark(';')) => Ok(()),
            (Stage::Start, Token::Word("BEGIN")) => {
                self.script.stage = Stage::Open;
                self.mark(';')
            }
            (Stage::Start, other) => Err(self.tokens.foreign("BEGIN", &other)),
            (Stage::Open, Token::Word("DROP")) => {
                self.words(&["TABLE", "IF", "EXISTS"])?;
                self.name()?;
                self.mark(';')
            }
            (Stage::Open, Token::Word("CREATE")) => self.create(),
            (Stage::Open, Token::Word("INSERT")) => self.insert(),
            (Stage::Open, Token::Word("COMMIT")) => {
                self.script.stage = Stage::Over;
                self.mark(';')
            }
            (Stage::Open, other) => Err(self.tokens.foreign("DROP, CREATE, INSERT or COMMIT", &other)),
            (Stage::Over, other) => Err(self.tokens.foreign("the end of the file", &other)),
        }
    }

    fn create(&mut self) -> Result<(), RecordsError> {
        self.words(&["TABLE"])?;
        let name = self.name()?.to_owned();
        let mut columns = Vec::new();
        self.mark('(')?;
        loop {
            match self.name()? {
                "PRIMARY" => break,
                column => columns.push(column.to_owned()),
            }
            self.name()?;
            loop {
                match self.tokens.next()? {
                    Token::Mark(',') => break,
                    Token::Mark('(' | ')') | Token::Number(_) | Token::Word("NOT" | "NULL") => {}
                    other => return Err(self.tokens.foreign("the type of a column", &other)),
                }
            }
        }
        self.words(&["KEY"])?;
        self.mark('(')?;
        self.names()?;
        self.mark(')')?;
        self.mark(';')?;
        let is_known = self.script.tables.iter().any(|table| table.name == name);
        if is_known || self.script.filling > 0 || self.script.digested > 0 {
            return Err(self.tokens.foreign("a new table before all rows", &Token::Word(&name)));
        }
        self.script.tables.push(Table { name, columns, rows: 0 });
        Ok(())
    }

    fn insert(&mut self) -> Result<(), RecordsError> {
        self.words(&["INTO"])?;
        let name = self.name()?;
        let at = self.script.tables.iter().position(|table| table.name == name);
        let Some(at) = at.filter(|at| *at >= self.script.filling) else {
            return Err(self.tokens.foreign("rows in the order of the tables", &Token::Word(name)));
        };
        self.script.filling = at;
        self.script.name_in_digest(at + 1);
        self.mark('(')?;
        let columns = self.names()?;
        let width = columns.len();
        if self.script.tables.get(at).is_none_or(|table| table.columns != columns) {
            return Err(self.tokens.foreign("the columns of the table in their order", &Token::Word(name)));
        }
        self.words(&["VALUES"])?;
        let mut values = Vec::with_capacity(width);
        loop {
            self.values(width, &mut values)?;
            self.row(at, &values)?;
            match self.tokens.next()? {
                Token::Mark(',') => {}
                Token::Mark(';') => return Ok(()),
                other => return Err(self.tokens.foreign("`,` or `;`", &other)),
            }
        }
    }

    /// Counts, digests and shows a row.
    fn row(&mut self, at: usize, values: &[Value]) -> Result<(), RecordsError> {
        let Script { tables, digest, meta, .. } = &mut *self.script;
        let Some(table) = tables.get_mut(at) else { return Ok(()) };
        table.rows += 1;
        if table.name != META {
            digest.row(values);
            return (self.each)(&Row { table: &table.name, columns: &table.columns, values });
        }
        // A second row of `meta` would make it say two things.
        if meta.is_some() {
            return Err(RecordsError::Torn);
        }
        let own = |at: usize| table.columns.get(at).is_some_and(|column| column == DIGEST);
        digest.row(values.iter().enumerate().filter(|(at, _)| !own(*at)).map(|(_, value)| value));
        *meta = Some(values.to_vec());
        Ok(())
    }

    fn values(&mut self, width: usize, row: &mut Vec<Value>) -> Result<(), RecordsError> {
        row.clear();
        self.mark('(')?;
        loop {
            row.push(match self.tokens.next()? {
                Token::Word("NULL") => Value::Null,
                Token::Text(text) => Value::Text(text),
                Token::Number(number) => Value::Number(number),
                other => return Err(self.tokens.foreign("a value", &other)),
            });
            match self.tokens.next()? {
                Token::Mark(',') if row.len() < width => {}
                Token::Mark(')') if row.len() == width => return Ok(()),
                other => return Err(self.tokens.foreign("as many values as columns", &other)),
            }
        }
    }

    fn names(&mut self) -> Result<Vec<&'a str>, RecordsError> {
        let mut names = vec![self.name()?];
        loop {
            match self.tokens.next()? {
                Token::Mark(',') => names.push(self.name()?),
                Token::Mark(')') => return Ok(names),
                other => return Err(self.tokens.foreign("`,` or `)`", &other)),
            }
        }
    }

    fn name(&mut self) -> Result<&'a str, RecordsError> {
        match self.tokens.next()? {
            Token::Word(name) => Ok(name),
            other => Err(self.tokens.foreign("a name", &other)),
        }
    }

    fn words(&mut self, words: &[&'static str]) -> Result<(), RecordsError> {
        for word in words {
            let found = self.tokens.next()?;
            if found != Token::Word(word) {
                return Err(self.tokens.foreign(word, &found));
            }
        }
        Ok(())
    }

    fn mark(&mut self, mark: char) -> Result<(), RecordsError> {
        match self.tokens.next()? {
            Token::Mark(found) if found == mark => Ok(()),
            other => Err(self.tokens.foreign(if mark == ';' { "`;`" } else { "`(` or `)`" }, &other)),
        }
    }
}
