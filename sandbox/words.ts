/** What the made-up people and companies are called. */

export const FIRST_NAMES = words(`
  Amara Anders Anika Arjun Astrid Beatriz Ben Carla Chen Clara Daniel David Elena Elif Emma Erik Fatima Felix Grace Hana
  Hannah Hugo Ines Isabel Ivan Jack James Jonas Julia Kaito Karim Kofi Lars Laura Leila Lena Liam Linh Lucas Lucia Maria
  Marta Mateo Maya Mei Mina Nadia Nils Noah Nora Olga Omar Oscar Paula Pedro Priya Rafael Ravi Rosa Ruth Samir Sara Sofia
  Stefan Tariq Teresa Thomas Tomas Valeria Victor Wei Yara Yusuf Zoe`);

export const LAST_NAMES = words(`
  Abbas Adeyemi Ahmed Almeida Andersen Baker Bauer Becker Bennett Bianchi Brandt Carter Castillo Chen Clarke Costa Das
  Diaz Dubois Eriksen Evans Fernandes Fischer Foster Garcia-Lopez Gupta Haddad Hall Hansen Harris Hoffmann Hughes Ito
  Ivanova Jansen Johansson Kaplan Keller Khan Kim Kowalski Kumar Larsen Lee Lindgren Lopez Martin Mehta Mensah Meyer
  Moreau Morgan Murphy Nakamura Nguyen Novak O'Brien Okafor Oliveira Osei Park Patel Pereira Petrov Reyes Ricci Rossi
  Santos Sato Schmidt Silva Singh Tanaka Torres Turner Vargas Vogel Weber Wilson Wong Yilmaz Young Zhang`);

export const TITLES = [
  "Chief Executive Officer",
  "Chief Technology Officer",
  "Chief Operating Officer",
  "Chief Marketing Officer",
  "VP of Engineering",
  "VP of Sales",
  "VP of Marketing",
  "VP of Operations",
  "Head of Growth",
  "Head of Product",
  "Head of People",
  "Head of Data",
  "Director of Engineering",
  "Director of Sales",
  "Director of Customer Success",
  "Director of Supply Chain",
  "Engineering Manager",
  "Product Manager",
  "Marketing Manager",
  "Operations Manager",
  "Finance Manager",
  "Founder",
] as const;

export const COMPANY_FIRST = words(`
  Alder Amber Anchor Apex Arbor Aspen Atlas Beacon Birch Bluebird Bright Cedar Clearwater Cobalt Copper Coral Crescent
  Delta Ember Evergreen Falcon Fern Granite Harbor Hawthorn Heron Highland Horizon Indigo Ironwood Juniper Keystone
  Lakeside Lantern Linden Lumen Maple Meridian Midland Nimbus Northfield Oakridge Onyx Orchard Pinecrest Quarry Redwood
  Ridgeway Riverside Sable Sierra Silver Solstice Sterling Summit Tidewater Timber Vantage Verdant Westbrook`);

export const COMPANY_SECOND = words(`
  Analytics Automation Biotech Capital Cloud Components Consulting Dynamics Energy Engineering Foods Freight Health
  Industries Instruments Insurance Labs Learning Logistics Manufacturing Materials Media Mobility Networks Optics
  Packaging Payments Pharma Robotics Security Semiconductors Software Solar Studios Supply Systems Telecom Textiles
  Travel Ventures`);

export const NEWS = [
  "opened a second site this spring",
  "has just hired its first regional sales team",
  "announced a partnership with a national distributor",
  "moved its whole reporting to one platform last quarter",
  "published a customer story about halving delivery times",
  "raised a new round to expand abroad",
  "launched a self-service portal for its customers",
  "was named among the region's fastest-growing employers",
  "is hiring for six open engineering positions",
  "released the first major version of its new product line",
] as const;

export const TRADES = [
  "works with mid-sized manufacturers",
  "serves hospitals and clinics",
  "sells to retailers in twelve countries",
  "supplies public utilities",
  "helps small firms run their back office",
  "builds tools for field teams",
  "runs logistics for perishable goods",
  "advises banks and insurers",
] as const;

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
