//! The grammar of the script: the statements that our writer writes, in its order, and nothing else.
//!
//! ```text
//! script  = ";" "BEGIN" ";" drop* create* ";" insert* "COMMIT" ";"
//! drop    = "DROP TABLE IF EXISTS" name ";"
//! create  = "CREATE TABLE" name "(" (column ",")+ "PRIMARY KEY" "(" names ")" ")" ";"
//! column  = name type ["(" number ")"] ["NOT" "NULL"]
//! insert  = "INSERT INTO" name "(" names ")" "VALUES" row ("," row)* ";"
//! ```

use panopticon_model::records::Value;

use super::tokens::{Token, Tokens};
use super::{RecordsError, Table};

/// The tables of a script, in the order of their creation.
pub(super) fn parse(text: &str) -> Result<Vec<Table>, RecordsError> {
    let mut parser = Parser { tokens: Tokens::new(text), tables: Vec::new(), filling: 0 };
    parser.script()?;
    Ok(parser.tables)
}

struct Parser<'a> {
    tokens: Tokens<'a>,
    tables: Vec<Table>,
    /// The table whose rows were read last: rows come in the order of the tables.
    filling: usize,
}

impl<'a> Parser<'a> {
    fn script(&mut self) -> Result<(), RecordsError> {
        self.mark(';')?;
        self.words(&["BEGIN"])?;
        self.mark(';')?;
        loop {
            match self.tokens.next()? {
                // Left over from a comment that only MariaDB reads.
                Token::Mark(';') => {}
                Token::Word("DROP") => {
                    self.words(&["TABLE", "IF", "EXISTS"])?;
                    self.name()?;
                    self.mark(';')?;
                }
                Token::Word("CREATE") => self.create()?,
                Token::Word("INSERT") => self.insert()?,
                Token::Word("COMMIT") => break,
                other => return Err(self.tokens.foreign("DROP, CREATE, INSERT or COMMIT", &other)),
            }
        }
        self.mark(';')?;
        match self.tokens.next()? {
            Token::End => Ok(()),
            other => Err(self.tokens.foreign("the end of the file", &other)),
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
        if self.tables.iter().any(|table| table.name == name) {
            return Err(self.tokens.foreign("a new table", &Token::Word(&name)));
        }
        self.tables.push(Table { name, columns, rows: Vec::new() });
        Ok(())
    }

    fn insert(&mut self) -> Result<(), RecordsError> {
        self.words(&["INTO"])?;
        let name = self.name()?;
        let at = self.tables.iter().position(|table| table.name == name);
        let Some(at) = at.filter(|at| *at >= self.filling) else {
            return Err(self.tokens.foreign("rows in the order of the tables", &Token::Word(name)));
        };
        self.filling = at;
        self.mark('(')?;
        let columns = self.names()?;
        if self.tables.get(at).is_none_or(|table| table.columns != columns) {
            return Err(self.tokens.foreign("the columns of the table in their order", &Token::Word(name)));
        }
        self.words(&["VALUES"])?;
        loop {
            let row = self.row(columns.len())?;
            if let Some(table) = self.tables.get_mut(at) {
                table.rows.push(row);
            }
            match self.tokens.next()? {
                Token::Mark(',') => {}
                Token::Mark(';') => return Ok(()),
                other => return Err(self.tokens.foreign("`,` or `;`", &other)),
            }
        }
    }

    fn row(&mut self, columns: usize) -> Result<Vec<Value>, RecordsError> {
        let mut row = Vec::with_capacity(columns);
        self.mark('(')?;
        loop {
            row.push(match self.tokens.next()? {
                Token::Word("NULL") => Value::Null,
                Token::Text(text) => Value::Text(text),
                Token::Number(number) => Value::Number(number),
                other => return Err(self.tokens.foreign("a value", &other)),
            });
            match self.tokens.next()? {
                Token::Mark(',') if row.len() < columns => {}
                Token::Mark(')') if row.len() == columns => return Ok(row),
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
