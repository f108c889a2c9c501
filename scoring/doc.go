// Package scoring is the contract between Bellwether and its scorers.
//
// To write a scorer, start with [Define]: describe the scorer in a [Manifest] and give it one function that scores a
// [Customer] and, where it learns from the population, one that fits a model to a [Population]. The package
// scoring/scoretest checks the result against the rules that every scorer keeps.
//
// A manifest's lists are written with constant indices, and the functions use the same constants:
//
//	const (
//		orders = iota // facts
//	)
//	const (
//		size = iota // outputs
//	)
//	scoring.Manifest{
//		Facts:   []scoring.FactUse{orders: {Name: "orders"}},
//		Outputs: []scoring.Output{size: {Name: "size", Kind: scoring.Integer, ...}},
//	}
//	func score(c *scoring.Customer, _ struct{}) { c.Set(size, c.Fact(orders)) }
//
// The package needs nothing but the standard library and knows neither a database nor GraphQL: the same source runs
// compiled into the server or in a sandbox.
package scoring
