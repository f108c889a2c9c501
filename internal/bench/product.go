package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"time"
)

// documents are the queries as clients of Bellwether ask them. Customers come in the order in which they registered, which
// is that of the plain tables' ids; ours are opaque, so the external ids stand for both.
func documents() map[string]string {
	const page = `query($v: String) { customers(first: 50, after: $v, orderBy: {field: REGISTERED_AT}) { edges { node { `
	const touchpoints = `edges { node { externalId at kind channel } }`
	const rfm = `frequency monetary { amount } recencyDays`
	return map[string]string{
		"Q1": page + `externalId name email country city registeredAt } } } }`,
		"Q2": page + `externalId name orders(first: 5) { edges { node { externalId placedAt total { amount } channel } } } touchpoints(first: 5) { ` + touchpoints + ` } } } } }`,
		"Q3": `query($v: String!) { customer(by: {external: {source: "` + source + `", externalId: $v}}) { externalId name email
			orders(first: 20) { edges { node { externalId placedAt total { amount } lines { sku category quantity unitPrice { amount } } } } }
			touchpoints(first: 20) { ` + touchpoints + ` } } }`,
		"Q4": page + `externalId name rfm { ` + rfm + ` r f m segment } } } } }`,
		"Q5": `query($v: String!) { customers(first: 50, where: {scores: [{scorer: "rfm", labels: [$v]}]}, orderBy: {score: {scorer: "rfm", output: "monetary"}, direction: DESC}) {
			edges { node { externalId name rfm { ` + rfm + ` } } } } }`,
		"Q6": `{ rfmGrid { cells { r fm customers revenue { amount } } } }`,
	}
}

// queries are the names of the documents, in order, and what they ask.
func queries() []struct{ name, what string } {
	return []struct{ name, what string }{
		{"Q1", "50 customers"},
		{"Q2", "50 customers with 5 orders and 5 touchpoints each"},
		{"Q3", "a customer, 20 orders with lines, 20 touchpoints"},
		{"Q4", "50 customers with RFM"},
		{"Q5", "the first 50 of a segment by revenue"},
		{"Q6", "the cells of the RFM grid"},
	}
}

// program runs bellwether to its end and returns its cost, PostgreSQL's included.
func (b *bench) program(ctx context.Context, args ...string) (cost, error) {
	before, start := cpuOf(b.cluster.pid), time.Now()
	cmd := exec.CommandContext(ctx, b.options.binary, args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return cost{}, fmt.Errorf("bellwether %s: %w\n%s", args[0], err, out)
	}
	own := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return cost{time.Since(start), own + cpuOf(b.cluster.pid) - before}, nil
}

// load imports a file of the shop.
func (b *bench) load(ctx context.Context, kind, name, dsn string) (cost, error) {
	return b.program(ctx, "import", kind, filepath.Join(b.folder, name+".csv"), "--source", source, "--base-currency", "EUR", "--db", dsn, "--quiet")
}

// product is a Bellwether that serves a shop.
type product struct {
	server
	cmd     *exec.Cmd
	cursors map[int]string // of every hundredth customer
}

// serve starts Bellwether and waits until it listens.
func (b *bench) serve(ctx context.Context, dsn string) (*product, error) {
	params := filepath.Join(b.folder, "params.yaml")
	if err := os.WriteFile(params, []byte("rfm: {binning: NTILE}\n"), 0o600); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(b.folder, "server.log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.CommandContext(ctx, b.options.binary, "serve", "--db", dsn, "--addr", "127.0.0.1:0", "--params", params)
	cmd.Stderr = log
	address, err := started(cmd)
	if err != nil {
		text, _ := os.ReadFile(log.Name())
		return nil, fmt.Errorf("bellwether serve: %w\n%s", err, text)
	}
	p := &product{cmd: cmd, server: server{url: address + "graphql", pid: cmd.Process.Pid}}
	p.request = p.ask
	return p, nil
}

// started starts a server and returns the address that its first line names.
func started(cmd *exec.Cmd) (string, error) {
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	line := make([]byte, 4096)
	n, err := out.Read(line)
	if err != nil {
		return "", errors.Join(err, cmd.Wait())
	}
	go io.Copy(io.Discard, out) //nolint:errcheck // ends with the process
	address := regexp.MustCompile(`http://[^/]+/`).Find(line[:n])
	if address == nil {
		return "", errors.Join(fmt.Errorf("no address in %q", line[:n]), endOf(cmd))
	}
	return string(address), nil
}

// endOf ends a process and waits for it.
func endOf(cmd *exec.Cmd) error {
	err := cmd.Process.Signal(syscall.SIGTERM)
	cmd.Wait() //nolint:errcheck // it was told to end
	return err
}

// ask is the request of a query about a customer or segment.
func (p *product) ask(query string, customer int, segment string) (string, map[string]any) {
	variables := map[string]any{}
	switch query {
	case "Q1", "Q2", "Q4":
		if customer > 1 {
			variables["v"] = p.cursors[customer-1]
		}
	case "Q3":
		variables["v"] = externalID(customer)
	case "Q5":
		variables["v"] = segment
	}
	return documents()[query], variables
}

// graphql asks the server once and decodes the data.
func (p *product) graphql(ctx context.Context, document string, variables map[string]any, into any) error {
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close() //nolint:errcheck // it was read
	var out struct {
		Data   json.RawMessage
		Errors []struct{ Message string }
	}
	if err := json.NewDecoder(answer.Body).Decode(&out); err != nil {
		return err
	}
	if len(out.Errors) > 0 {
		return errors.New(out.Errors[0].Message)
	}
	return json.Unmarshal(out.Data, into)
}

// draw draws the cursors of the pages that are going to be asked for.
func (p *product) draw(ctx context.Context) error {
	const document = `query($after: String) { customers(first: 100, after: $after, orderBy: {field: REGISTERED_AT}) { pageInfo { endCursor hasNextPage } } }`
	p.cursors = map[int]string{}
	var after *string
	for at := 100; ; at += 100 {
		var data struct {
			Customers struct {
				PageInfo struct {
					EndCursor   *string
					HasNextPage bool
				}
			}
		}
		if err := p.graphql(ctx, document, map[string]any{"after": after}, &data); err != nil {
			return err
		}
		after = data.Customers.PageInfo.EndCursor
		if !data.Customers.PageInfo.HasNextPage {
			return nil
		}
		p.cursors[at] = *after
	}
}

// refreshed is what refreshes did.
type refreshed struct {
	customers, changed int
	took               time.Duration
}

// onlyRFM switches the other scorers off, or on again.
func (p *product) onlyRFM(ctx context.Context, only bool) error {
	for _, name := range []string{"benchmark", "orientation", "pioneer"} {
		var data struct {
			SetScorerEnabled struct{ Errors []struct{ Message string } }
		}
		err := p.graphql(ctx, `mutation($name: String!, $on: Boolean!) { setScorerEnabled(input: {name: $name, enabled: $on}) { errors { message } } }`, map[string]any{"name": name, "on": !only}, &data)
		if err == nil && len(data.SetScorerEnabled.Errors) > 0 {
			err = errors.New(data.SetScorerEnabled.Errors[0].Message)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// everybody scores everybody by some scorers, fitted anew.
func (p *product) everybody(ctx context.Context, scorers ...string) (refreshed, error) {
	var data struct {
		RefreshScores struct {
			Refresh *struct {
				Customers, Changed    int
				StartedAt, FinishedAt time.Time
			}
		}
	}
	err := p.graphql(ctx, `mutation($scorers: [String!]) { refreshScores(input: {scorers: $scorers, wait: true}) { refresh { customers changed startedAt finishedAt } } }`, map[string]any{"scorers": scorers}, &data)
	r := data.RefreshScores.Refresh
	if err != nil || r == nil {
		return refreshed{}, errors.Join(errors.New("nothing was refreshed"), err)
	}
	return refreshed{r.Customers, r.Changed, r.FinishedAt.Sub(r.StartedAt)}, nil
}

// incremental waits until so many customers were scored because they had been written, and adds up the
// refreshes that did it, since an instant.
func (p *product) incremental(ctx context.Context, customers int, since time.Time) (refreshed, error) {
	const document = `{ refreshes(first: 100) { edges { node { customers changed startedAt finishedAt incremental errors { message } } } } }`
	ctx, cancel := context.WithTimeout(ctx, 15*time.Minute)
	defer cancel()
	for wait := time.NewTicker(200 * time.Millisecond); ; {
		var data struct {
			Refreshes struct {
				Edges []struct {
					Node struct {
						Customers, Changed int
						StartedAt          time.Time
						FinishedAt         *time.Time
						Incremental        bool
						Errors             []struct{ Message string }
					}
				}
			}
		}
		if err := p.graphql(ctx, document, nil, &data); err != nil {
			return refreshed{}, err
		}
		var sum refreshed
		for _, e := range data.Refreshes.Edges {
			n := e.Node
			if len(n.Errors) > 0 {
				return sum, errors.New(n.Errors[0].Message)
			}
			if n.Incremental && n.FinishedAt != nil && !n.StartedAt.Before(since) {
				sum.customers, sum.changed, sum.took = sum.customers+n.Customers, sum.changed+n.Changed, sum.took+n.FinishedAt.Sub(n.StartedAt)
			}
		}
		if sum.customers >= customers {
			return sum, nil
		}
		select {
		case <-ctx.Done():
			return sum, ctx.Err()
		case <-wait.C:
		}
	}
}
