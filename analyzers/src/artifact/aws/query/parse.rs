//! JMESPath expressions (the grammar of jmespath.org's specification; the binding powers are those of its reference parser).

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// `@`, or nothing.
    Current,
    /// `name`.
    Field(String),
    /// `[0]`.
    Index(i64),
    /// `'text'`, `` `json` ``.
    Literal(serde_json::Value),
    /// `left.right`.
    Sub(Box<Expr>, Box<Expr>),
    /// `left | right`.
    Pipe(Box<Expr>, Box<Expr>),
    /// `left[*]right`, `left[0:3]right`.
    Project(Box<Expr>, Box<Expr>),
    /// `left[]right`.
    Flatten(Box<Expr>, Box<Expr>),
    /// `left[?condition]right`.
    Filter(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `[a, b]`.
    List(Vec<Expr>),
    /// `{a: b}`.
    Hash(Vec<(String, Expr)>),
    /// `name(a, b)`.
    Call(String, Vec<Expr>),
    /// `&a`.
    Reference(Box<Expr>),
    /// `a == b`.
    Equal(Box<Expr>, Box<Expr>),
    /// `a && b`.
    And(Box<Expr>, Box<Expr>),
    /// What makes a new value: other comparisons, `||`, `!`, the values of an object.
    Other,
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Name(String),
    Quoted(String),
    Number(i64),
    Literal(serde_json::Value),
    Flatten,
    Filter,
    Sign(&'static str),
    End,
}

/// Signs, the longer ones first.
const SIGNS: [&str; 23] = [
    "&&", "||", "==", "!=", "<=", ">=", "[?", "[]", ".", "*", "[", "]", "{", "}", "(", ")", ",", ":", "@", "&", "|",
    "<", ">",
];
/// Deeper expressions are not read.
const DEPTH: usize = 48;
/// A projection ends before what binds more weakly than this.
const PROJECTION_ENDS: u8 = 10;

/// Reads an expression.
pub fn parse(text: &str) -> Option<Expr> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        depth: 0,
    };
    let expression = parser.expression(0)?;
    (parser.peek() == &Token::End).then_some(expression)
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let len;
        if first.is_ascii_alphabetic() || first == '_' {
            len = rest
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            found.push(Token::Name(rest.get(..len)?.to_owned()));
        } else if first.is_ascii_digit() || (first == '-' && rest.get(1..)?.starts_with(|c: char| c.is_ascii_digit())) {
            len = 1 + rest
                .get(1..)?
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len() - 1);
            found.push(Token::Number(rest.get(..len)?.parse().ok()?));
        } else if matches!(first, '"' | '\'' | '`') {
            let (inside, end) = quoted(rest, first)?;
            len = end;
            found.push(match first {
                '"' => Token::Quoted(serde_json::from_str(rest.get(..end)?).ok()?),
                '\'' => Token::Literal(inside.replace("\\'", "'").into()),
                // What is no JSON between the backticks is a text: the first version of the language allowed it.
                _ => {
                    let inside = inside.replace("\\`", "`");
                    Token::Literal(serde_json::from_str(inside.trim()).unwrap_or_else(|_| inside.trim().into()))
                }
            });
        } else {
            let sign = if first == '!' && !rest.starts_with("!=") {
                "!"
            } else {
                SIGNS.into_iter().find(|sign| rest.starts_with(sign))?
            };
            len = sign.len();
            found.push(match sign {
                "[]" => Token::Flatten,
                "[?" => Token::Filter,
                sign => Token::Sign(sign),
            });
        }
        rest = rest.get(len..)?.trim_start();
    }
    found.push(Token::End);
    Some(found)
}

/// What stands between the first quote and the next one that is not escaped, and the byte after that.
fn quoted(text: &str, quote: char) -> Option<(&str, usize)> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == quote {
            return Some((text.get(1..at)?, at + 1));
        }
    }
    None
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).unwrap_or(&Token::End)
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn accept(&mut self, sign: &'static str) -> bool {
        let is = *self.peek() == Token::Sign(sign);
        self.at += usize::from(is);
        is
    }

    fn expect(&mut self, sign: &'static str) -> Option<()> {
        self.accept(sign).then_some(())
    }

    /// How strongly the next token binds what stands before it.
    fn power(&self) -> u8 {
        match self.peek() {
            Token::Flatten => 9,
            Token::Filter => 21,
            Token::Sign(sign) => match *sign {
                "|" => 1,
                "||" => 2,
                "&&" => 3,
                "==" | "!=" | "<" | "<=" | ">" | ">=" => 5,
                "." => 40,
                "[" => 55,
                "(" => 60,
                _ => 0,
            },
            _ => 0,
        }
    }

    fn expression(&mut self, power: u8) -> Option<Expr> {
        self.depth += 1;
        if self.depth > DEPTH {
            return None;
        }
        let mut left = self.first()?;
        while power < self.power() {
            left = self.then(left)?;
        }
        self.depth -= 1;
        Some(left)
    }

    fn first(&mut self) -> Option<Expr> {
        Some(match self.next() {
            Token::Name(name) | Token::Quoted(name) => Expr::Field(name),
            Token::Literal(value) => Expr::Literal(value),
            Token::Filter => self.filter(Expr::Current)?,
            Token::Flatten => {
                let right = self.projected(9)?;
                Expr::Flatten(Box::new(Expr::Current), Box::new(right))
            }
            Token::Sign(sign) => match sign {
                "@" => Expr::Current,
                "*" => {
                    self.projected(20)?;
                    Expr::Other
                }
                "!" => {
                    self.expression(45)?;
                    Expr::Other
                }
                "&" => Expr::Reference(Box::new(self.expression(60)?)),
                "(" => {
                    let inside = self.expression(0)?;
                    self.expect(")")?;
                    inside
                }
                "{" => self.hash()?,
                "[" => self.bracket(Expr::Current)?,
                _ => return None,
            },
            _ => return None,
        })
    }

    fn then(&mut self, left: Expr) -> Option<Expr> {
        let of = Box::new;
        Some(match self.next() {
            Token::Filter => self.filter(left)?,
            Token::Flatten => Expr::Flatten(of(left), of(self.projected(9)?)),
            Token::Sign(sign) => match sign {
                "." if self.accept("*") => {
                    self.projected(20)?;
                    Expr::Other
                }
                "." => Expr::Sub(of(left), of(self.member(40)?)),
                "|" => Expr::Pipe(of(left), of(self.expression(1)?)),
                "&&" => Expr::And(of(left), of(self.expression(3)?)),
                "==" => Expr::Equal(of(left), of(self.expression(5)?)),
                "||" => {
                    self.expression(2)?;
                    Expr::Other
                }
                "!=" | "<" | "<=" | ">" | ">=" => {
                    self.expression(5)?;
                    Expr::Other
                }
                "[" => self.bracket(left)?,
                "(" => {
                    let Expr::Field(name) = left else { return None };
                    let mut arguments = Vec::new();
                    while !self.accept(")") {
                        arguments.push(self.expression(0)?);
                        if !self.accept(",") {
                            self.expect(")")?;
                            break;
                        }
                    }
                    Expr::Call(name, arguments)
                }
                _ => return None,
            },
            _ => return None,
        })
    }

    fn filter(&mut self, left: Expr) -> Option<Expr> {
        let condition = self.expression(0)?;
        self.expect("]")?;
        let right = if *self.peek() == Token::Flatten {
            Expr::Current
        } else {
            self.projected(21)?
        };
        Some(Expr::Filter(Box::new(left), Box::new(condition), Box::new(right)))
    }

    /// What follows `[`: an index, a slice, `*`, or where nothing stands before it a list of expressions.
    fn bracket(&mut self, left: Expr) -> Option<Expr> {
        match self.peek().clone() {
            Token::Number(_) | Token::Sign(":") => {
                let mut numbers = Vec::new();
                let mut colons = 0;
                loop {
                    match self.next() {
                        Token::Number(number) => numbers.push(number),
                        Token::Sign(":") => colons += 1,
                        Token::Sign("]") => break,
                        _ => return None,
                    }
                }
                if colons > 0 {
                    let right = self.projected(20)?;
                    return Some(Expr::Project(Box::new(left), Box::new(right)));
                }
                let index = Expr::Index(*numbers.first()?);
                Some(match left {
                    Expr::Current => index,
                    left => Expr::Sub(Box::new(left), Box::new(index)),
                })
            }
            Token::Sign("*") if self.tokens.get(self.at + 1) == Some(&Token::Sign("]")) => {
                self.at += 2;
                let right = self.projected(20)?;
                Some(Expr::Project(Box::new(left), Box::new(right)))
            }
            _ if left == Expr::Current => self.list(),
            _ => None,
        }
    }

    /// The right side of a projection.
    fn projected(&mut self, power: u8) -> Option<Expr> {
        if self.power() < PROJECTION_ENDS {
            return Some(Expr::Current);
        }
        match self.peek() {
            Token::Sign("[") | Token::Filter => self.expression(power),
            Token::Sign(".") => {
                self.at += 1;
                self.member(power)
            }
            _ => None,
        }
    }

    /// What follows `.`.
    fn member(&mut self, power: u8) -> Option<Expr> {
        match self.peek() {
            Token::Sign("[") => {
                self.at += 1;
                self.list()
            }
            Token::Sign("{") => {
                self.at += 1;
                self.hash()
            }
            Token::Name(_) | Token::Quoted(_) | Token::Sign("*") => self.expression(power),
            _ => None,
        }
    }

    fn list(&mut self) -> Option<Expr> {
        let mut parts = Vec::new();
        loop {
            parts.push(self.expression(0)?);
            if !self.accept(",") {
                self.expect("]")?;
                return Some(Expr::List(parts));
            }
        }
    }

    fn hash(&mut self) -> Option<Expr> {
        let mut members = Vec::new();
        loop {
            let (Token::Name(name) | Token::Quoted(name)) = self.next() else {
                return None;
            };
            self.expect(":")?;
            members.push((name, self.expression(0)?));
            if !self.accept(",") {
                self.expect("}")?;
                return Some(Expr::Hash(members));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Expr, parse};

    fn field(name: &str) -> Box<Expr> {
        Box::new(Expr::Field(name.to_owned()))
    }

    #[test]
    fn a_projection_takes_what_follows_it_up_to_a_pipe() {
        assert_eq!(
            parse("Subnets[*].SubnetId"),
            Some(Expr::Project(field("Subnets"), field("SubnetId")))
        );
        assert_eq!(
            parse("Reservations[].Instances[].State.Name | [0]"),
            Some(Expr::Pipe(
                Box::new(Expr::Flatten(
                    Box::new(Expr::Flatten(field("Reservations"), field("Instances"))),
                    Box::new(Expr::Sub(field("State"), field("Name")))
                )),
                Box::new(Expr::Index(0))
            ))
        );
    }

    #[test]
    fn lists_objects_filters_and_calls_are_read() {
        assert_eq!(
            parse("Tags[?Key=='Name'].Value|[0]"),
            Some(Expr::Pipe(
                Box::new(Expr::Filter(
                    field("Tags"),
                    Box::new(Expr::Equal(field("Key"), Box::new(Expr::Literal("Name".into())))),
                    field("Value")
                )),
                Box::new(Expr::Index(0))
            ))
        );
        assert_eq!(
            parse("sort_by(Images, &CreationDate)[-1].{id: ImageId, \"the name\": Name}"),
            Some(Expr::Sub(
                Box::new(Expr::Sub(
                    Box::new(Expr::Call(
                        "sort_by".to_owned(),
                        vec![Expr::Field("Images".to_owned()), Expr::Reference(field("CreationDate"))]
                    )),
                    Box::new(Expr::Index(-1))
                )),
                Box::new(Expr::Hash(vec![
                    ("id".to_owned(), Expr::Field("ImageId".to_owned())),
                    ("the name".to_owned(), Expr::Field("Name".to_owned()))
                ]))
            ))
        );
        assert_eq!(
            parse("[A, B[?c==`true`]]"),
            Some(Expr::List(vec![
                Expr::Field("A".to_owned()),
                Expr::Filter(
                    field("B"),
                    Box::new(Expr::Equal(field("c"), Box::new(Expr::Literal(true.into())))),
                    Box::new(Expr::Current)
                )
            ]))
        );
    }

    #[test]
    fn what_is_no_expression_is_none() {
        for text in ["", "a.", "a[", "{a}", "'open", "a b", "a[?b", "#", "f(,)"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&"(".repeat(100_000)), None);
        assert_eq!(parse(&"a[?".repeat(10_000)), None);
    }
}
