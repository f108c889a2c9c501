// Package deps keeps modules in go.mod until code imports them.
package deps

import (
	_ "entgo.io/ent/entc"
	_ "entgo.io/ent/entc/gen"
	_ "entgo.io/ent/cmd/ent"
	_ "github.com/99designs/gqlgen/api"
	_ "github.com/99designs/gqlgen/graphql/handler"
	_ "github.com/99designs/gqlgen/graphql/handler/transport"
	_ "github.com/alecthomas/kong"
	_ "github.com/chromedp/chromedp"
	_ "github.com/goccy/go-yaml"
	_ "github.com/jedib0t/go-pretty/v6/table"
	_ "github.com/klauspost/compress/zstd"
	_ "github.com/lib/pq"
	_ "github.com/pressly/goose/v3"
	_ "github.com/schollz/progressbar/v3"
	_ "github.com/shopspring/decimal"
	_ "github.com/ulikunitz/xz"
	_ "golang.org/x/text/currency"
	_ "golang.org/x/term"
	_ "golang.org/x/sync/errgroup"
	_ "ariga.io/atlas/sql/sqltool"
	_ "modernc.org/sqlite"
	_ "github.com/itchyny/timefmt-go"
)
