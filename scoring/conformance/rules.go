package conformance

import "bellwether/scoring"

// Rule is one thing that every scorer keeps.
type Rule struct {
	Name  string
	Doc   scoring.Words
	Cure  scoring.Words // what mends most scorers that break it
	check func(k *kit) error
}

// Rules are all rules, in alphabetical order.
func Rules() []Rule { //nolint:funlen // a list
	return []Rule{
		{
			"ages",
			scoring.Words{En: "what is called the days since a fact is so", Zh: "声明为“距某事实天数”的输出确实如此"},
			scoring.Words{En: "answer Today less the day of the fact, or drop the output's DaysSince", Zh: "返回今天与该事实日期之差，或去掉输出的 DaysSince"},
			(*kit).ages,
		},
		{
			"answers",
			scoring.Words{En: "a scorer answers every customer with what its manifest declares", Zh: "评分器按清单的声明为每位客户作答"},
			scoring.Words{En: "give every customer a value of the output's kind or null, a label out of its list, and a first label always", Zh: "为每位客户给出与输出类型一致的值或空值；标签须在列表之内，首个标签输出不得为空"},
			(*kit).answers,
		},
		{
			"batches",
			scoring.Words{En: "an answer does not depend on who else is in the batch", Zh: "答案与同批的其他客户无关"},
			scoring.Words{En: "look at one customer at a time while scoring; what all customers tell together belongs into fit", Zh: "评分时一次只看一位客户；需要全体客户的内容放入拟合（fit）"},
			(*kit).batches,
		},
		{
			"cancellation",
			scoring.Words{En: "a scorer stops when its context is cancelled", Zh: "上下文取消时评分器随之停止"},
			scoring.Words{En: "look at the context every thousand customers or so, and return its error", Zh: "每处理约一千位客户检查一次上下文，并返回其错误"},
			(*kit).cancellation,
		},
		{
			"chunks",
			scoring.Words{En: "a model does not depend on how the population was cut into batches", Zh: "模型与总体如何切分成批次无关"},
			scoring.Words{En: "read the population to its end, add up over all its batches, and keep neither the cursor nor a batch", Zh: "读完整个总体并跨批次累计，不保留游标或批次"},
			(*kit).chunks,
		},
		{
			"concurrency",
			scoring.Words{En: "a model may be used by several batches at once", Zh: "同一模型可同时用于多个批次"},
			scoring.Words{En: "change neither the model nor any variable outside the call while scoring", Zh: "评分时不修改模型，也不修改调用之外的任何变量"},
			(*kit).concurrency,
		},
		{
			"determinism",
			scoring.Words{En: "the same input gives the same answer", Zh: "相同的输入得到相同的答案"},
			scoring.Words{En: "use no clock, no randomness and no order of a map, and keep no state between calls", Zh: "不用时钟、随机数或映射的遍历顺序，调用之间不保留状态"},
			(*kit).determinism,
		},
		{
			"empty",
			scoring.Words{En: "an empty batch has an empty answer", Zh: "空批次得到空答案"},
			scoring.Words{En: "do not reach for a first customer before knowing that there is one", Zh: "确认存在客户之前，不取第一位客户"},
			(*kit).empty,
		},
		{
			"evidence",
			scoring.Words{En: "an answer has its reasons when asked, in both languages, and is the same without", Zh: "被询问时给出中英文理由；不询问时答案不变"},
			scoring.Words{En: "give at least one declared reason with all its arguments, and only when evidence is wanted", Zh: "仅在需要证据时给出至少一条已声明的理由及其全部参数"},
			(*kit).evidence,
		},
		{
			"inputs",
			scoring.Words{En: "what a scorer is given is to be read only", Zh: "提供给评分器的内容只读"},
			scoring.Words{En: "copy before sorting or changing", Zh: "排序或修改之前先复制"},
			(*kit).inputs,
		},
		{
			"manifest",
			scoring.Words{En: "a manifest is valid and does not change", Zh: "清单有效且不变"},
			scoring.Words{En: "mend what is named, and return the same manifest every time", Zh: "修正所指出的问题，并始终返回同一清单"},
			(*kit).manifest,
		},
		{
			"missing",
			scoring.Words{En: "facts may be missing", Zh: "事实可能缺失"},
			scoring.Words{En: "ask a value whether it is there before counting on it, and answer without it", Zh: "使用某个值之前先确认其存在，缺失时也要作答"},
			(*kit).missing,
		},
		{
			"newcomers",
			scoring.Words{En: "a model may be older than the customers and the facts", Zh: "模型可能早于客户与事实"},
			scoring.Words{En: "answer customers that fit has not seen: what it derived is null for them", Zh: "也要为拟合时未出现的客户作答：其派生列为空"},
			(*kit).newcomers,
		},
		{
			"order",
			scoring.Words{En: "an answer does not depend on the order of the customers", Zh: "答案与客户的先后顺序无关"},
			scoring.Words{En: "keep nothing from one customer to the next", Zh: "不把任何内容从一位客户带到下一位"},
			(*kit).order,
		},
		{
			"parameters",
			scoring.Words{En: "every value that a parameter allows works", Zh: "参数允许的每个取值都可用"},
			scoring.Words{En: "narrow the parameter's bounds to what works, or make its ends work", Zh: "将参数范围收窄到可用取值，或使其两端可用"},
			(*kit).parameters,
		},
		{
			"small",
			scoring.Words{En: "a population may have one customer, or none", Zh: "总体可能只有一位客户，甚至没有"},
			scoring.Words{En: "fit a model that says too little is known, and answer null or a fallback label with it", Zh: "数据不足时拟合出相应的模型，并以空值或备用标签作答"},
			(*kit).small,
		},
		{
			"stored",
			scoring.Words{En: "a model that was stored gives the same answers", Zh: "存储后再读取的模型给出相同的答案"},
			scoring.Words{En: "export every field of the model, or let it marshal itself; without scoring.Define, implement scoring.Codec", Zh: "导出模型的每个字段，或让其自行序列化；不使用 scoring.Define 时实现 scoring.Codec"},
			(*kit).stored,
		},
		{
			"until",
			scoring.Words{En: "an answer holds until the instant it names", Zh: "答案在其声明的时刻之前有效"},
			scoring.Words{En: "name the first instant at which time alone may change the answer, or none", Zh: "给出仅因时间推移可能改变答案的最早时刻，或不给出"},
			(*kit).until,
		},
	}
}
