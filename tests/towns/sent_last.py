"""A third draw of files as analysts may send them."""

from __future__ import annotations

from analysts import Case, table
from sent_formats import CSV, RECORDS, as_json, folder_of, written, zipped

XY = "Date,Offence,Easting,Northing"
HEADINGS = tuple(
    Case(f"headed {header!r}", table(header, "{iso},{kind},{en}"))
    for header in (
        "Date of Offence (From),Offence Description,Easting Coordinate,Northing Coordinate",
        "Occurrence Date,Occurrence Type,Location X,Location Y",
        "First Committed On Date,HO Offence Group,OS Grid Easting,OS Grid Northing",
        "Created Date/Time,Call Category,Incident Easting,Incident Northing",
        "Crime Date,Crime Classification,X-Coord,Y-Coord",
        "Datetime of incident,ASB Type,EASTING (BNG),NORTHING (BNG)",
        "Inc Date,Inc Type,Easting,Northing",
        "DateOfIncident,IncidentCategory,GridEasting,GridNorthing",
        "date_committed_from,main_offence,easting,northing",
        "Committed On/From,Offence (Home Office),Eastings,Northings",
        "Date Crime Occurred,Offence Category Name,X,Y",
    )
)
COUNTS = tuple(
    Case(f"counts under {heading!r}", table(f"Month,Offence,Easting,Northing,{heading}",
        "2024-01,{kind},{en},{few}"), count=24)
    for heading in ("Number of Reports", "Crime Total", "total_offences", "Freq.", "Incidents (n)",
    "No. Crimes", "COUNT_ID", "Sum of Crimes", "Offence Count", "Recorded Offences")
)  # fmt: skip
VOID = tuple(
    Case(f"{heading}: {word}", table(f"{XY},{heading}",
        f"{{iso}},{{kind}},{{en}},{good}\n{{iso}},{{kind}},{{en}},{word}"), rejects={"not_a_crime": 12})
    for heading, word, good in (("Crime Status", "Cancelled - AVI", "Filed"), ("Crime State", "Transferred",
    "Active"), ("Disposal", "No crime", "Charge"), ("No Crime Indicator", "Y", "N"), ("Outcome Type",
    "Cancelled/No crime", "NFA"))
)  # fmt: skip
DATES = tuple(
    Case(f"date {cell}", table(XY, f'"{cell}",{{kind}},{{en}}'), resolution=level)
    for cell, level in (
        ("{then:%d/%m/%Y %H}:30:00", "time"), ("{then:%a} {then:%d/%m/%Y}", "day"),
        ("{then:%d/%m/%Y} at 10:05hrs", "time"), ("{then:%Y-%m-%d} 10:05:33.5", "time"),
        ("{then:%d-%b-%Y} 10:05:33", "time"),
        ("{then:%d %B %Y} 10.05am", "time"), ("{then:%A %d/%m/%y}", "day"), ("{then:%B %d, %Y}", "day"),
        ("{then:%Y%m%dT%H}0500", "time"), ("{then:%d/%m/%Y} 22:05 BST", "time"), ("{then:%d/%m/%Y}T10:05:00",
        "time"),
        ("{then.day}th {then:%b %Y}", "day"), ("{then:%d/%m/%Y} - 10:05", "time"), ("{then:%Y-%m-%d}Z",
        "day"), ("{then:%d/%m/%Y}.", "day"), ("{then:%d %m %y}", "day"),
    )
)  # fmt: skip
MONTHS = tuple(
    Case(
        f"month {cell}",
        table("Month,Offence,Easting,Northing", f"{cell},{{kind}},{{en}}"),
        resolution="month",
    )
    for cell in (
        "01/24",
        "Jan 2024 ",
        "2024 Jan.",
        "1 2024",
        "Jan-2024",
        "jan_2024",
        "2024/1",
        "JANUARY 2024",
        "M1 2024",
    )
)
PLACES = (
    Case("latitude and longitude with a slash", table("Date,Offence,Where", "{iso},{kind},{lat} / {lon}")),
    Case("Lat: and Lon: in one cell", table("Date,Offence,Where", '{iso},{kind},"Lat: {lat}, Lon: {lon}"'),
        refused="no location column"),
    Case("longitudes with W", table("Date,Offence,Latitude,Longitude",
        "{iso},{kind},{lat},{lon}W").replace("-1.4", "1.4")),
    Case("GeoJSON in a column", table("Date,Offence,point",
        '{iso},{kind},"{{""type"":""Point"",""coordinates"":[{lon},{lat}]}}"')),
    Case("eastings as decimals with commas", table("Date;Offence;Easting;Northing",
        "{iso};{kind};{e},0;{n_},0")),
    Case("LSOA by code within words", table("Date,Offence,LSOA Code of incident", "{iso},{kind},E01013453"),
        place="lsoa"),
    Case("ward names under Ward of offence", table("Date,Offence,Ward of offence", "{iso},{kind},Arboretum"),
        place="ward"),
    Case("postcodes under Crime Postcode", table("Date,Offence,Crime Postcode", "{iso},{kind},DE1 3AH"),
        place="postcode"),
    Case("postcodes of victims alone", table("Date,Offence,Victim Postcode", "{iso},{kind},DE1 3AH"),
        refused="no location column"),
    Case("grid references under Map Ref", table("Date,Offence,Map Ref", "{iso},{kind},SK 3400 3605"),
        place="grid"),
    Case("eastings to the millimetre", table(XY, "{iso},{kind},{e}.123,{n_}.456")),
    Case("LSOA blank, ward given", table("Date,Offence,LSOA code,Ward", "{iso},{kind},NULL,Arboretum"),
        place="ward"),
)  # fmt: skip
TEXTS = (
    Case("a semicolon at the end of every line", table(XY, "{iso},{kind},{en}").replace(",",
        ";").replace("\n", ";\n")),
    Case("tabs and a mark of UTF-8", ("\ufeff" + table(XY, "{iso},{kind},{en}").replace(",", "\t")).encode()),
    Case("everything in quotes with semicolons", table('"Date";"Offence";"Easting";"Northing"',
        '"{iso}";"{kind}";"{e}";"{n_}"')),
    Case("a title of one cell and the header after blanks", table(XY, "{iso},{kind},{en}",
        above="ASB report\n\n\n\n")),
    Case("column numbers above the header", table(XY, "{iso},{kind},{en}", above="1,2,3,4\n")),
    Case("column letters above the header", table(XY, "{iso},{kind},{en}", above="A,B,C,D\n")),
    Case("a title in the header's row", table("Extract of crimes\n" + XY, "{iso},{kind},{en}")),
    Case("dotted lines below totals", table(XY, "{iso},{kind},{en}", below="----,,,\nTotal,12,,\n")),
    Case("types with a trailing blank", table(XY, "{iso},{kind} ,{en}")),
    Case("stray returns in cells", table(XY + ",Comment", '{iso},{kind},{en},"a\r\nb"')),
)  # fmt: skip
FILES = (
    Case("an answer of a query", as_json({"status": "ok", "result": {"records": RECORDS}})),
    Case("records within two names", as_json({"response": {"items": RECORDS}})),
    Case("a GeoPackage whose date is text", written("sent.gpkg", "GPKG", Reported=["x"] * 12)),
    Case("a zip within folders with spaces", zipped(**{"My files__Extract 1_csv": CSV})),
    Case(
        "a folder with a look-up and notes",
        folder_of(a_csv=CSV, notes_docx=b"x", lookup_xlsb=b"x"),
        refused="lookup.xlsb",
    ),
    Case("a CSV in capitals", CSV, end=".CSV"),
    Case("a CSV named .txt", CSV, end=".txt"),
    Case("a CSV with no ending", CSV, end="", refused="not supported"),
)
#: Met as missing and left so: to guess would be worse. Nothing is misread.
GAPS = (
    Case(
        "only Sub_Type says what",
        table("Reported_Date,Sub_Type,POINT_X,POINT_Y", "{iso},{kind},{en}"),
        refused="no crime type",
    ),
    Case("a date said to be about right", table(XY, "{dmy} approx,{kind},{en}"), refused="date is not one"),
    Case(
        "six figures for a date",
        table(XY, "{then:%y%m%d},{kind},{en}"),
        refused="the date lies in the future",
    ),
    Case(
        "24-Jan for January 2024",
        table("Month,Offence,Easting,Northing", "24-Jan,{kind},{en}"),
        refused="months without a year",
    ),
)
ALL = (*GAPS, *HEADINGS, *COUNTS, *VOID, *DATES, *MONTHS, *PLACES, *TEXTS, *FILES)
