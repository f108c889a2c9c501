package demo

import (
	"encoding/json"
	"fmt"
	"strings"

	"bellwether/internal/record"
)

// naming is a way of naming people and companies.
type naming int

const (
	english naming = iota
	chinese
	french
	german
	japanese
	spanish
)

// names are given and family names, and how companies are called.
type names struct {
	given, family []string
	company       string // with the family name
}

func namesOf(n naming) names {
	return [...]names{
		english: {
			strings.Fields("Alice Ben Chloe Daniel Emma Finn Grace Henry Isla Jack Kate Liam Maya Noah Olive Peter Ruby Sam Tess Will"),
			strings.Fields("Archer Baker Cooper Dawson Ellis Fletcher Graham Hughes Irving Jensen Keller Lowe Mason Norris Owens Parker Reid Shaw Turner Wood"),
			"%s & Co",
		},
		chinese: {
			strings.Fields("伟 芳 娜 敏 静 强 磊 军 洋 勇 艳 杰 涛 明 超 秀英 霞 平 刚 桂英 子涵 雨桐 浩然 欣怡 梓轩"),
			strings.Fields("王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗"),
			"%s氏商贸有限公司",
		},
		french: {
			strings.Fields("Amélie Bastien Camille Denis Élodie Félix Inès Jules Léa Maël"),
			strings.Fields("Aubry Bonnet Chevalier Durand Fournier Giraud Lambert Moreau Perrin Roussel"),
			"%s et Fils",
		},
		german: {
			strings.Fields("Anna Bernd Clara Dieter Eva Fritz Greta Hannes Ida Jürgen Katrin Lukas Mia Niklas Petra Rolf Sabine Uwe"),
			strings.Fields("Albrecht Bauer Fischer Groß Hoffmann Krüger Lange Möller Neumann Pohl Richter Schäfer Vogt Weiß Ziegler"),
			"%s GmbH",
		},
		japanese: {
			strings.Fields("陽子 健太 美咲 大輔 さくら 翔 直美 拓也 葵 蓮"),
			strings.Fields("佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤"),
			"%s商店",
		},
		spanish: {
			strings.Fields("Ana Bruno Carla Diego Elena Fabio Irene Javier Lucía Mateo"),
			strings.Fields("Alonso Blanco Castro Domínguez Fuentes Gallego Iglesias Lorenzo Molina Vega"),
			"%s e Hijos",
		},
	}[n]
}

// person is the name of a private person.
func (n naming) person(d dice) string {
	of := namesOf(n)
	given, family := pick(d, of.given), pick(d, of.family)
	switch n {
	case chinese:
		return family + given
	case japanese:
		return family + " " + given
	case english, french, german, spanish:
	}
	return given + " " + family
}

// company is the name of a company. The number tells those of one name apart.
func (n naming) company(d dice, number int) string {
	of := namesOf(n)
	return fmt.Sprintf(of.company, pick(d, of.family)) + fmt.Sprintf(" %03d", number)
}

// record is the customer's own record.
func (g *maker) record(c *customer) record.Customer {
	d, s := g.dice, g.shop
	p := c.place
	out := record.Customer{
		Key: c.key, Kind: record.Set(c.kind), Name: record.Set(c.name), Country: record.Set(p.country), City: record.Set(p.city),
		Email: record.Set(c.key.ExternalID + "@example.com"), RegisteredAt: record.Set(s.at(c.registered)),
		Tags: record.Set(c.tags(d)), Attributes: record.Set(json.RawMessage(fmt.Sprintf(`{"newsletter":%t,"synthetic":true}`, c.newsletter))),
		Consent: record.Set(json.RawMessage(fmt.Sprintf(`{"email":%t}`, c.newsletter))),
	}
	if c.number%4 != 0 { // not everybody says; +999 is no country's
		out.Phone = record.Set(fmt.Sprintf("+999 %03d %04d", c.number/10000%1000, c.number%10000))
	}
	if p.region != "" {
		out.Region = record.Set(p.region)
	}
	if c.kind == "PERSON" {
		out.BirthDate = record.Set(fmt.Sprintf("%d-%02d-%02d", s.start.Year()-d.between(20, 70), d.between(1, 12), d.between(1, 28)))
		out.Occupation = record.Set(pick(d, []string{"Teacher", "Engineer", "Nurse", "Designer", "Student", "Farmer", "设计师", "教师"}))
	} else {
		staff := d.between(2, 40) * d.between(1, 12)
		out.Employees = record.Set(staff)
		out.AnnualTurnover = record.Set(int64(staff) * int64(d.between(60, 140)) * 1000_00)
		out.TotalAssets = record.Set(int64(staff) * int64(d.between(30, 90)) * 1000_00)
		out.Resells = record.Set(c.kind == "CHANNEL")
	}
	if c.sector != "" {
		out.Industry = record.Set(c.sector)
	}
	if c.account != "" {
		out.Account = record.Set(c.account)
	}
	if c.referrer != nil {
		out.ReferredBy = record.Set(c.referrer.key)
	}
	return out
}

func (c *customer) tags(d dice) []string {
	tags := []string{"synthetic"}
	if c.newsletter {
		tags = append(tags, "newsletter")
	}
	if d.chance(10) {
		tags = append(tags, pick(d, []string{"gift", "trade-fair", "学生"}))
	}
	return tags
}
