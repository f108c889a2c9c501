package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"
)

// server is one that answers the queries, as a process of its own.
type server struct {
	url     string
	pid     int
	request func(query string, customer int, segment string) (document string, variables map[string]any)
}

// ways is from how many different requests those of a query are taken.
const ways = 512

// requests of a query, complete with their headers; the first is the same for every server, so that answers can be compared.
func (s *server) requests(query string, customers int, segments []string) ([][]byte, error) {
	u, err := url.Parse(s.url)
	if err != nil {
		return nil, err
	}
	dice := rand.New(rand.NewPCG(5, 5))
	out := make([][]byte, ways)
	for i := range out {
		// Multiples of a hundred, whose cursors are known.
		document, variables := s.request(query, 1+dice.IntN(customers/100)*100, segments[dice.IntN(len(segments))])
		body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
		if err != nil {
			return nil, err
		}
		out[i] = fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", u.RequestURI(), u.Host, len(body), body)
	}
	return out, nil
}

// speed is how a server answers a query.
type speed struct {
	each      cost    // of a request; wall is 1 / rate
	perSecond float64 // requests
}

// perCPU is how many requests a second of CPU serves, the server's and PostgreSQL's together.
func (s speed) perCPU() float64 { return 1 / s.each.cpu.Seconds() }

// blast asks as fast as the server answers, over so many connections.
func (s *server) blast(ctx context.Context, requests [][]byte, connections int, d time.Duration, postgres int) (speed, error) {
	open := make([]*connection, connections)
	for i := range open {
		var err error
		if open[i], err = dial(ctx, s.url); err != nil {
			return speed{}, err
		}
		defer open[i].conn.Close() //nolint:errcheck // nothing is written any more
	}
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	counts, errs := make([]int, connections), make([]error, connections)
	c, _ := timed(func() error {
		var all sync.WaitGroup
		for i := range connections {
			all.Go(func() { counts[i], errs[i] = open[i].ask(ctx, requests, i*67) })
		}
		all.Wait()
		return nil
	}, s.pid, postgres)
	n := 0
	for _, count := range counts {
		n += count
	}
	if err := errors.Join(errs...); err != nil {
		return speed{}, err
	}
	return speed{cost{c.wall / time.Duration(n), c.cpu / time.Duration(n)}, float64(n) / c.wall.Seconds()}, nil
}

// connection sends requests that are ready: an http.Client takes as much CPU as a fast server.
type connection struct {
	conn net.Conn
	from *bufio.Reader
	body bytes.Buffer
}

func dial(ctx context.Context, address string) (*connection, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return nil, err
	}
	return &connection{conn: conn, from: bufio.NewReaderSize(conn, 64<<10)}, nil
}

// ask asks until the context ends, at least once.
func (c *connection) ask(ctx context.Context, requests [][]byte, first int) (n int, err error) {
	for i := first; n == 0 || ctx.Err() == nil; i++ {
		if _, err := c.do(requests[i%len(requests)]); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// do returns the body of an answer; it is valid until the next one.
func (c *connection) do(request []byte) ([]byte, error) {
	if err := c.conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return nil, err
	}
	if _, err := c.conn.Write(request); err != nil {
		return nil, err
	}
	answer, err := http.ReadResponse(c.from, nil)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close() //nolint:errcheck // it was read
	c.body.Reset()
	if _, err := io.Copy(&c.body, answer.Body); err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK || bytes.Contains(c.body.Bytes(), []byte(`"errors":`)) {
		return nil, fmt.Errorf("status %d: %.500s", answer.StatusCode, c.body.Bytes())
	}
	return c.body.Bytes(), nil
}

// values are those of an answer, sorted, whatever its shape: texts that are numbers as numbers, amounts as cents, instants as
// seconds.
func values(answer []byte) ([]string, error) {
	var decoded struct{ Data any }
	if err := json.Unmarshal(answer, &decoded); err != nil {
		return nil, err
	}
	var out []string
	var walk func(key string, v any)
	walk = func(key string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, inner := range v {
				walk(k, inner)
			}
		case []any:
			for _, inner := range v {
				walk(key, inner)
			}
		case nil:
		case string:
			if at, err := time.Parse(time.RFC3339, v); err == nil {
				v = strconv.FormatInt(at.Unix(), 10)
			} else if n, err := strconv.ParseFloat(v, 64); err == nil {
				if key == "amount" {
					n = math.Round(n * 100)
				}
				v = strconv.FormatFloat(n, 'f', -1, 64)
			}
			out = append(out, v)
		case float64:
			out = append(out, strconv.FormatFloat(v, 'f', -1, 64))
		}
	}
	walk("", decoded.Data)
	slices.Sort(out)
	return out, nil
}
