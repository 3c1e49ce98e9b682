/**
 * @file Abbreviations that end in a period, in lower case and without the last one, by ISO 639-1 language. Those of `never`
 * stand before what they belong to, a name or a number, and end no sentence; those of `seldom` may.
 */

/** The abbreviations of a language. */
export interface Abbreviations {
  readonly never: ReadonlySet<string>;
  readonly seldom: ReadonlySet<string>;
  /** Whether a number with a period is an ordinal: "am 3. Mai". */
  readonly ordinals: boolean;
}

const setOf = (words: string): ReadonlySet<string> => new Set(words.split(" "));

function abbreviations(never: string, seldom: string, ordinals = false): Abbreviations {
  return { never: setOf(never), seldom: setOf(seldom), ordinals };
}

const LISTS: Readonly<Record<string, Abbreviations>> = {
  en: abbreviations(
    "mr mrs ms mx dr prof rev hon st sr mt ft gen col maj capt cmdr lt sgt cpl adm gov sen rep pres supt messrs mmes " +
      "fig figs no nos vol vols ch sec pp eq eqs ref refs art op ed eds approx ca cf e.g i.e eg ie viz vs v al " +
      "jan feb mar apr jun jul aug sept sep oct nov dec mon tue tues wed thu thurs fri sat sun",
    "etc inc ltd co corp bros llc jr esq ph.d m.d b.a m.a d.c u.s u.s.a u.k u.n e.u a.m p.m am pm dept univ assn ave blvd rd " +
      "hwy tel ext est min max avg oz lb lbs in ft yd mi",
  ),
  de: abbreviations(
    "dr prof hr fr frl st z.b z.t d.h u.a u.ä s.o s.u bzw ca vgl evtl ggf inkl exkl zzgl abs art nr bd kap abb tab s ff hrsg " +
      "jg geb gest verh ing dipl mag bspw sog insb max min mind mio mrd tel str jan feb mär apr jun jul aug sept okt nov dez " +
      "i.d.r i.a o.ä o.g v.a v.chr n.chr m.e a.d",
    "usw etc u.s.w co gmbh uvm u.v.m dgl",
    true,
  ),
  fr: abbreviations(
    "m mm mme mmes mlle mlles dr pr me st ste mgr gén col cap lt cf ex p.ex c.-à-d fig art chap vol éd env max min tél av bd " +
      "n no nos pp janv févr avr juil sept oct nov déc",
    "etc s.a s.a.r.l cie p.-s j.-c",
  ),
  es: abbreviations(
    "sr sra sres srta d dña dr dra prof lic ing gral cnel cap ud uds vd vds p.ej fig núm art cap vol pág págs ed aprox av avda " +
      "tel máx mín ene feb mar abr jun jul ago sept oct nov dic",
    "etc s.a s.l ee.uu cía",
  ),
  it: abbreviations(
    "sig sigg sig.ra sigg.ri dott dott.ssa prof prof.ssa ing avv on gen col cap mons s ss fig art cap vol pag pagg ed ca cfr es " +
      "p.es n tel max min gen feb mar apr giu lug ago sett ott nov dic",
    "ecc s.p.a s.r.l",
  ),
  pt: abbreviations(
    "sr sra srs srta d dr dra prof profa eng gen cel cap exmo exma fig núm n art cap vol pág págs ed aprox av tel máx mín p.ex " +
      "jan fev mar abr jun jul ago set out nov dez",
    "etc s.a ltda cia",
  ),
  nl: abbreviations(
    "dhr mevr mw dr prof ir ing drs mr ds st fig nr art hfst blz pag vgl ca bijv bv d.w.z o.a m.n i.v.m t.a.v max min tel jan " +
      "feb mrt apr jun jul aug sept okt nov dec",
    "enz etc n.v b.v e.d",
  ),
  sv: abbreviations("dr prof hr fr st t.ex bl.a d.v.s s.k ca jfr fig nr kap max min tel f.d", "etc m.m o.s.v osv"),
  da: abbreviations("dr prof hr fr st f.eks bl.a dvs ca jf fig nr kap maks min tlf", "etc m.m osv o.s.v", true),
  no: abbreviations("dr prof hr fr st f.eks bl.a dvs ca jf fig nr kap maks min tlf", "etc m.m osv o.s.v", true),
  fi: abbreviations("dr prof hra rva esim mm ns nk ks ts n nro s v klo puh", "jne ym yms", true),
};

const NONE = abbreviations("dr prof nr no fig", "etc");

/** The languages that have a list. */
export const abbreviationLanguages: readonly string[] = Object.keys(LISTS);

/** The abbreviations of a language; a few of many languages where there is no list. */
export function abbreviationsOf(language: string): Abbreviations {
  return Object.hasOwn(LISTS, language) ? LISTS[language] : NONE;
}
