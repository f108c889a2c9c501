package abi

import "bellwether/scoring"

// Words of the part that has the orders; each is an offset unless it is a count.
const (
	wordStarts = iota // of each customer's orders; and then one more
	wordOrders        // count
	wordPlacedAt
	wordPaidAt
	wordDueAt
	wordNet
	wordCredit
	wordLineStarts // of each order's lines, and then one more; 0: no lines
	wordLines      // count
	wordSKU
	wordCategory
	wordKind
	wordCondition
	wordLaunchedAt
	wordTechnology
	wordQuantity
	wordPrice
	wordListPrice
	wordDiscount
	wordCost
	wordWords // count of the texts of lines
	wordWordStarts
	wordWordBytes
)

func (e *Encoder) orders(w *writer, byRow [][]scoring.Order) uint32 {
	part := w.reserve(sizeOrders)
	starts, all := make([]uint32, 0, len(byRow)+1), []*scoring.Order{}
	lines := 0
	for _, orders := range byRow {
		starts = append(starts, uint32(len(all)))
		for i := range orders {
			all = append(all, &orders[i])
			lines += len(orders[i].Lines)
		}
	}
	w.words(part, wordStarts, append(starts, uint32(len(all))))
	w.put(part, wordOrders, uint32(len(all)))
	ordersAs(w, part, wordPlacedAt, all, func(o *scoring.Order) int64 { return int64(o.PlacedAt) })
	ordersAs(w, part, wordPaidAt, all, func(o *scoring.Order) int64 { return int64(o.PaidAt) })
	ordersAs(w, part, wordDueAt, all, func(o *scoring.Order) int64 { return int64(o.DueAt) })
	ordersAs(w, part, wordNet, all, func(o *scoring.Order) int64 { return o.Net })
	w.put(part, wordCredit, w.offset())
	for _, o := range all {
		w.b = append(w.b, bit(o.Credit))
	}
	if lines > 0 {
		e.lines(w, part, all, lines)
	}
	return part
}

func (e *Encoder) lines(w *writer, part uint32, orders []*scoring.Order, count int) {
	starts, all := make([]uint32, 0, len(orders)+1), make([]*scoring.Line, 0, count)
	for _, o := range orders {
		starts = append(starts, uint32(len(all)))
		for i := range o.Lines {
			all = append(all, &o.Lines[i])
		}
	}
	w.words(part, wordLineStarts, append(starts, uint32(len(all))))
	w.put(part, wordLines, uint32(len(all)))
	e.texts(w, part, all)
	linesAs(w, part, wordLaunchedAt, all, func(l *scoring.Line) int64 { return int64(l.LaunchedAt) })
	w.put(part, wordTechnology, w.offset())
	for _, l := range all {
		w.b = append(w.b, bit(l.Technology))
	}
	linesAs(w, part, wordQuantity, all, func(l *scoring.Line) int64 { return l.Quantity })
	linesAs(w, part, wordPrice, all, func(l *scoring.Line) float64 { return l.Price })
	linesAs(w, part, wordListPrice, all, func(l *scoring.Line) float64 { return l.ListPrice })
	linesAs(w, part, wordDiscount, all, func(l *scoring.Line) float64 { return l.Discount })
	linesAs(w, part, wordCost, all, func(l *scoring.Line) float64 { return l.Cost })
}

// texts writes each text of the lines once, and the lines' indices into them: products come again and again.
func (e *Encoder) texts(w *writer, part uint32, lines []*scoring.Line) {
	if e.words == nil {
		e.words = map[string]uint32{}
	}
	clear(e.words)
	var texts []string
	indices := make([]uint32, len(lines))
	column := func(word int, of func(*scoring.Line) string) {
		last, index := "", uint32(0)
		for i, l := range lines {
			if t := of(l); i == 0 || t != last {
				at, known := e.words[t]
				if !known {
					at, texts = uint32(len(texts)), append(texts, t)
					e.words[t] = at
				}
				last, index = t, at
			}
			indices[i] = index
		}
		w.words(part, word, indices)
	}
	column(wordSKU, func(l *scoring.Line) string { return l.SKU })
	column(wordCategory, func(l *scoring.Line) string { return l.Category })
	column(wordKind, func(l *scoring.Line) string { return l.Kind })
	column(wordCondition, func(l *scoring.Line) string { return l.Condition })
	starts, bytes := w.texts(texts)
	w.put(part, wordWords, uint32(len(texts)))
	w.put(part, wordWordStarts, starts)
	w.put(part, wordWordBytes, bytes)
}

// words writes whole numbers of four bytes, and their offset into a fixed part.
func (w *writer) words(part uint32, word int, values []uint32) {
	w.put(part, word, w.offset())
	w.b = appendNumbers(w.b, values)
}

func ordersAs(w *writer, part uint32, word int, orders []*scoring.Order, of func(*scoring.Order) int64) {
	w.put(part, word, w.offset())
	for _, o := range orders {
		w.b = le.AppendUint64(w.b, uint64(of(o)))
	}
}

func linesAs[T int64 | float64](w *writer, part uint32, word int, lines []*scoring.Line, of func(*scoring.Line) T) {
	w.put(part, word, w.offset())
	for _, l := range lines {
		switch x := any(of(l)).(type) {
		case int64:
			w.b = le.AppendUint64(w.b, uint64(x))
		case float64:
			w.b = appendFloat(w.b, x)
		}
	}
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}

func (r *reader) orders(at, rows uint32, keep bool) [][]scoring.Order {
	h := r.words("orders", at, sizeOrders)
	n := h.at(wordOrders)
	placed, paid := r.ints("placed_at", h.at(wordPlacedAt), n), r.ints("paid_at", h.at(wordPaidAt), n)
	due, net := r.ints("due_at", h.at(wordDueAt), n), r.ints("net", h.at(wordNet), n)
	credit := r.flags("credit", h.at(wordCredit), n)
	starts := r.starts("orders of customers", h.at(wordStarts), rows, n)
	r.spend("orders", n, 72)
	r.spend("orders of customers", rows, 24)
	if r.err != nil {
		return nil
	}
	orders := make([]scoring.Order, n)
	for i := range orders {
		orders[i] = scoring.Order{
			PlacedAt: scoring.Instant(placed[i]), PaidAt: scoring.Instant(paid[i]), DueAt: scoring.Instant(due[i]), Net: net[i], Credit: credit[i],
		}
	}
	if h.at(wordLineStarts) != 0 {
		r.lines(h, orders, keep)
	}
	byRow := make([][]scoring.Order, rows)
	for i := range byRow {
		if starts[i] < starts[i+1] {
			byRow[i] = orders[starts[i]:starts[i+1]:starts[i+1]]
		}
	}
	return byRow
}

func (r *reader) lines(h words, orders []scoring.Order, keep bool) {
	n := h.at(wordLines)
	texts := r.texts("texts of lines", h.at(wordWordStarts), h.at(wordWordBytes), h.at(wordWords), keep)
	index := func(word int) []uint32 {
		out := numbers[uint32](r.view("index of a text", h.at(word), n, 4))
		for _, i := range out {
			if int(i) >= len(texts) {
				r.fail("lines: text %d of %d", i, len(texts))
				return nil
			}
		}
		return out
	}
	sku, category, kind, condition := index(wordSKU), index(wordCategory), index(wordKind), index(wordCondition)
	launched, technology := r.ints("launched_at", h.at(wordLaunchedAt), n), r.flags("technology", h.at(wordTechnology), n)
	quantity, price := r.ints("quantity", h.at(wordQuantity), n), r.floats("price", h.at(wordPrice), n)
	list, discount, cost := r.floats("list_price", h.at(wordListPrice), n), r.floats("discount", h.at(wordDiscount), n), r.floats("cost", h.at(wordCost), n)
	starts := r.starts("lines of orders", h.at(wordLineStarts), uint32(len(orders)), n)
	r.spend("lines", n, 136)
	if r.err != nil {
		return
	}
	lines := make([]scoring.Line, n)
	for i := range lines {
		lines[i] = scoring.Line{
			SKU: texts[sku[i]], Category: texts[category[i]], Kind: texts[kind[i]], Condition: texts[condition[i]],
			LaunchedAt: scoring.Instant(launched[i]), Technology: technology[i], Quantity: quantity[i],
			Price: price[i], ListPrice: list[i], Discount: discount[i], Cost: cost[i],
		}
	}
	for i := range orders {
		if starts[i] < starts[i+1] {
			orders[i].Lines = lines[starts[i]:starts[i+1]:starts[i+1]]
		}
	}
}
