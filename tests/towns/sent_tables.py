"""Tables of text as analysts may send them: counts, lines of one crime, blanks, places, headings, dates."""

from __future__ import annotations

from analysts import Case, lines, table

BASE = "Ref,Date,Offence,Easting,Northing"
LINE = "{ref},{iso},{kind},{en}"
PLACED = "Date,Offence,Easting,Northing"


def counted(heading: str, cell: str = "{few}", **more: object) -> Case:
    if cell == "{few}":
        more.setdefault("count", 24)
    return Case(
        f"counts under {heading!r}",
        table(f"Month,Offence,Easting,Northing,{heading}", f"2024-01,{{kind}},{{en}},{cell}"),
        **more,
    )


COUNTS = (
    counted("COUNT"),
    counted("No. of Incidents"),
    counted("Number_of_Offences"),
    counted("IncidentCount"),
    counted("Total Crimes"),
    counted("Sum of Incidents"),
    counted("Count of Crime Ref"),
    counted("# of crimes"),
    counted("Num_Crimes"),
    counted("Offences"),
    counted("crime_cnt"),
    counted("Recorded crimes"),
    counted("Frequency", "{few}.0", count=24),
    counted("Volume", '"1,00{pick}"', count=12_012),
    counted("Count", "-1", refused=r"row 2: the column 'Count' .* Correct them"),
    counted("Count", "1.5", refused=r"row 2: the column 'Count' .* Correct them"),
    counted("Count", "NA", refused=r"row 2: the column 'Count' .* Correct them"),
    counted("OBJECTID", "{k}"),
    counted("FID", "{k}"),
    Case(
        "a total below counts",
        table("Month,Offence,Easting,Northing,Count", "2024-01,{kind},{en},2", below="Total,,,,24\n"),
        count=24,
        rejects={"missing_coordinate": 1},
    ),
    Case(
        "n numbers shuffled rows",
        "n,Month,Offence,Easting,Northing\n" + "\n".join(sorted(lines("{k},2024-01,{kind},{en}"))) + "\n",
    ),
)

CRIMES = "Crime Ref No,Date Committed,Offence,Easting,Northing"
PER = "{ref},{iso},{kind},{en}"
ONE_EACH = (
    Case(
        "a line for each victim",
        table(f"{CRIMES},Victim Age,Victim Sex", f"{PER},{{k}}1,F\n{PER},{{k}}2,M"),
        rejects={"duplicate": 12},
        says="12 rows more under a crime number",
    ),
    Case(
        "a line for each suspect with another outcome",
        table(f"{CRIMES},Suspect Status,Outcome", f"{PER},Charged,Charged\n{PER},NFA,No suspect identified"),
        rejects={"duplicate": 12},
    ),
    Case(
        "a line for each offence line with another report date",
        table(f"{CRIMES},Date Reported", f"{PER},03/02/2024\n{PER},04/02/2024"),
        rejects={"duplicate": 12},
    ),
    Case(
        "lines with the place on one of them alone",
        table(CRIMES, f"{PER}\n{{ref}},{{iso}},{{kind}},,"),
        rejects={"missing_coordinate": 12},
    ),
    Case(
        "two offences under one number",
        table(CRIMES, f"{PER}\n{{ref}},{{iso}},Robbery,{{en}}"),
        count=24,
        kinds=("Burglary", "Drugs", "Robbery"),
    ),
)

VOID = tuple(
    Case(f"{heading}: {word}", table(f"{BASE},{heading}",
        f"{LINE},{good}\nX{{n}},{{iso}},{{kind}},{{en}},{word}"), rejects={"not_a_crime": 12},
        says="12 records cancelled")
    for heading, word, good in (
        ("Crime Status", "NO CRIME", "Filed"),
        ("Crime Status", "Cancelled N100", "Detected"),
        ("Status", "Not Crimed", "Live"),
        ("Status", "Crime cancelled", "Undetected"),
        ("Status", "Transferred Out", "Finalised"),
        ("Record status", "Duplicated record", "Closed"),
        ("Outcome", "Transferred to another force", "Charged"),
        ("Outcome", "AVI - Cancelled", "Charged"),
        ("Cancelled?", "TRUE", "FALSE"),
        ("No Crime Flag", "Yes", "No"),
        ("Deleted", "Y", "N"),
    )
)  # fmt: skip

SEARCHES = (
    Case(
        "searches by law",
        table(
            "Stop date,Power used,Item sought,Easting,Northing",
            "{iso},Misuse of Drugs Act 1971 (section 23),Controlled drugs,{en}",
        ),
        refused="stop and search",
    ),
    Case(
        "searches under Category",
        table("Date,Category,Easting,Northing", "{iso},Person and Vehicle search,{en}"),
        refused="stop and search",
    ),
    Case(
        "searches with grounds",
        table("Date,Type,Grounds for search,Easting,Northing", "{iso},Person search,smell,{en}"),
        refused="stop and search",
    ),
    Case(
        "crimes with the law they offend",
        table("Date,Type,Legislation,Easting,Northing", "{iso},{kind},Theft Act 1968,{en}"),
    ),
)

BLANKS = tuple(
    Case(f"{word!r} for no coordinate", table("Month,Offence,Easting,Northing,LSOA code",
        f"2024-01,{{kind}},{word},{word},E01013453"), place="lsoa")
    for word in ("NA", "N/A", "#N/A", "nan", "NULL", "<NA>", "None", "-", "unknown", "UNKNOWN", "n/k", "NK",
    "No data", "Not provided", "..", ".", "?", "#VALUE!", "#REF!", "Unspecified", "NONE RECORDED")
)  # fmt: skip

PLACES = (
    Case("WKT in degrees", table("Date,Offence,WKT", '{iso},{kind},"POINT ({lon} {lat})"')),
    Case("WKT in metres under the_geom", table("the_geom,Date,Offence", "POINT({e}.0 {n_}.0),{iso},{kind}")),
    Case("WKT multipoints", table("shape,Date,Offence", '"MULTIPOINT (({e} {n_}))",{iso},{kind}')),
    Case(
        "WKT lines",
        table("geom,Date,Offence", '"LINESTRING ({e} {n_}, {e} 336999)",{iso},{kind}'),
        refused="(line|other shapes|points)",
    ),
    Case("latitude and longitude under GPS", table("Date,Offence,GPS", '{iso},{kind},"{lat}, {lon}"')),
    Case(
        "degrees with a degree sign", table("Date,Offence,Latitude,Longitude", "{iso},{kind},{lat}°,{lon}°")
    ),
    Case(
        "degrees with N and W",
        table("Date,Offence,Latitude,Longitude", "{iso},{kind},{lat}N,{lon}")
        .replace(",-1.", ",1.")
        .replace("\n", "W\n")
        .replace("LongitudeW", "Longitude"),
    ),
    Case("Web Mercator as X and Y", table("X,Y,Date,Offence", "{mx},{my},{iso},{kind}"), says="Web Mercator"),
    Case(
        "Web Mercator as Easting and Northing",
        table("Easting,Northing,Date,Offence", "{mx},{my},{iso},{kind}"),
        says="Web Mercator",
    ),
    Case(
        "six figures and a column of letters",
        table("Date,Offence,Grid Letters,Grid Ref", "{iso},{kind},SK,{e}{n_}")
        .replace("SK,434", "SK,34")
        .replace("SK,435", "SK,35")
        .replace("336", "36"),
        place="grid",
    ),
    Case(
        "a grid reference with blanks",
        table("Date,Offence,OS Grid Ref", "{iso},{kind},SK 34{pick}00 36100"),
        place="grid",
        count=12,
    ),
    Case("figures alone as a grid reference", table("Date,Offence,Grid Reference", "{iso},{kind},{e}{n_}")),
    Case("eastings with thousands", table(PLACED, '{iso},{kind},"{e:,}","{n_:,}"')),
    Case(
        "eastings with blanks for thousands",
        table(PLACED, "{iso},{kind},{e:,},{n_:,}")
        .replace("434,", "434 ")
        .replace("435,", "435 ")
        .replace("336,", "336 "),
    ),
    Case("eastings with m", table(PLACED, "{iso},{kind},{e}m,{n_}m")),
    Case("eastings with leading noughts", table(PLACED, "{iso},{kind},0{e},0{n_}.00")),
    Case(
        "eastings in Excel's short form",
        table(PLACED, "{iso},{kind},4.34E+05,3.36E+05"),
        refused=r"(E\+05|exponent|short form|significant)",
    ),
    Case(
        "eastings in kilometres",
        table(PLACED, "{iso},{kind},434.{n},336.{n}"),
        refused="(kilomet|cannot be used|km)",
    ),
    Case("swapped easting and northing", table(PLACED, "{iso},{kind},{n_},{e}"), count=12, place="any"),
    Case(
        "decimal commas",
        table("Date;Offence;Latitude;Longitude", "{iso};{kind};{lat};{lon}")
        .replace("52.", "52,")
        .replace("-1.", "-1,"),
    ),
    Case(
        "no minus before longitudes",
        table("Date,Offence,Lat,Lng", "{iso},{kind},{lat},{lon}").replace("-1.4", "1.4"),
        refused="minus sign",
    ),
    Case("EWKB", table("Date,Offence,geom", "{iso},{kind},{wkb}")),
    Case("names of LSOAs", table("Date,Offence,LSOA Name", "{iso},{kind},Derby 013A"), place="lsoa"),
    Case("names of wards", table("Date,Offence,Ward", "{iso},{kind},Arboretum Ward"), place="ward"),
    Case(
        "postcodes without a blank", table("Date,Offence,Post_Code", "{iso},{kind},de13ah"), place="postcode"
    ),
)

HEADINGS = tuple(
    Case(f"headed {header!r}", table(header, "{iso},{kind},{en}"))
    for header in (
        "DATE_FROM,OFFENCE_DESC,EASTING,NORTHING",
        '"Date\nfrom","Offence\ntitle","Easting\n(m)","Northing\n(m)"',
        "Date:,Offence:,Easting:,Northing:",
        "Date*,Offence*,Easting*,Northing*",
        "[Date],[Offence],[Easting],[Northing]",
        "Crime.Date,Crime.Offence,Crime.Easting,Crime.Northing",
        "dbo.Crime.Date,dbo.Crime.Offence,dbo.Crime.Easting,dbo.Crime.Northing",
        "Date (dd/mm/yyyy),Offence (text),Easting (m),Northing (m)",
        "Date - from,Offence [HO],Easting/m,Northing/m",
        "Committed From Date,Offence,Location Easting,Location Northing",
        "Date,Offence,Incident X,Incident Y",
        "Date,Offence,Eastings1,Northings1",
        "Date,Offence,GR Easting,GR Northing",
        "Date,Offence,EASTING_COORD,NORTHING_COORD",
        "Date of Call,Call Type,Easting,Northing",
        "Event Date,Event Type,Easting,Northing",
        "Date Offence Committed,HO Offence Description,Easting,Northing",
        "Incident Date/Time,Incident Type Description,Easting,Northing",
        "Occurrence From,Crime Classification,Easting,Northing",
        "Date Occ,Crime Type,Easting,Northing",
        "Dyddiad,Math o drosedd,Dwyreiniad,Gogleddiad",
        "Dyddiad y drosedd,Trosedd,Dwyrain,Gogledd",
        "\ufeffDate,Offence,Easting,Northing",
    )
)  # fmt: skip

ROWS = (
    Case(
        "header in line 2",
        table(PLACED, "{iso},{kind},{en}", above="Community Safety extract\n"),
        says="row 2",
    ),
    Case(
        "header in line 5 below a date",
        table(PLACED, "{iso},{kind},{en}", above="Crime report\n\nRun: 12/02/2024 09:30\nArea: Derby City\n"),
        says="row 5",
    ),
    Case(
        "header below titles with commas",
        table(PLACED, "{iso},{kind},{en}", above="Crime report,,,\nPrinted,12/02/2024,,\n"),
        says="row 3",
    ),
    Case(
        "dashes below the header",
        table(PLACED, "{iso},{kind},{en}").replace("Northing\n", "Northing\n----,-------,-------,--------\n"),
        rejects={},
    ),
    Case(
        "rows affected",
        table(PLACED, "{iso},{kind},{en}", below="\n(12 rows affected)\n"),
        rejects={"wrong_field_count": 1},
    ),
    Case("a comma at the end of every row", table(PLACED, "{iso},{kind},{en},")),
    Case("a comma at the end of the header", table(PLACED + ",", "{iso},{kind},{en}")),
    Case("commas to the right of everything", table(PLACED + ",,,", "{iso},{kind},{en},,,")),
    Case("rows numbered without a name", table("," + PLACED, "{n},{iso},{kind},{en}")),
    Case(
        "blanks behind commas before quotes",
        table('"Date", "Offence", "Easting", "Northing"', '"{iso}", "{kind}", "{e}", "{n_}"'),
    ),
    Case("quoted newlines", table(PLACED + ",Notes", '{iso},{kind},{en},"first\nsecond, third"')),
    Case("blank lines between", table(PLACED, "{iso},{kind},{en}\n")),
    Case(
        "months as columns",
        table("Ward,Offence,Jan 2024,Feb 2024,Mar 2024", "Arboretum,{kind},1,2,3"),
        refused="months stand as columns",
    ),
    Case(
        "months as columns of counts",
        table("LSOA code,Offence,January Count,February Count,March Count,Total", "E01013453,{kind},1,2,3,6"),
        refused="months stand as columns",
    ),
    Case(
        "months of a financial year as columns",
        table("LSOA code,Offence,Apr-23,May-23,Jun-23,Jul-23", "E01013453,{kind},1,2,3,4"),
        refused="months stand as columns",
    ),
    Case(
        "fixed widths",
        "Date        Offence   Easting  Northing\n" + "\n".join(lines("{iso}  {kind:<8}  {e}   {n_}")) + "\n",
        refused="(fixed|width|column)",
    ),
)

TEXTS = (
    Case("semicolons", table(PLACED, "{iso},{kind},{en}").replace(",", ";")),
    Case("tabs under .csv", table(PLACED, "{iso},{kind},{en}").replace(",", "\t")),
    Case("bars", table(PLACED, "{iso},{kind},{en}").replace(",", "|")),
    Case(
        "tildes",
        table(PLACED, "{iso},{kind},{en}").replace(",", "~"),
        refused="(separat|delimit|header|comma)",
    ),
    Case("sep=;", "sep=;\n" + table(PLACED, "{iso},{kind},{en}").replace(",", ";")),
    Case("UTF-16 with tabs", table(PLACED, "{iso},{kind},{en}").replace(",", "\t").encode("utf-16")),
    Case(
        "UTF-16 with the great end first", ("\ufeff" + table(PLACED, "{iso},{kind},{en}")).encode("utf-16-be")
    ),
    Case("UTF-16 without a mark", table(PLACED, "{iso},{kind},{en}").encode("utf-16-le")),
    Case(
        "dashes of Windows-1252",
        table(PLACED, "{iso},Violence – other,{en}").encode("cp1252"),
        kinds=("Violence – other",),
        says="Windows-1252",
    ),
    Case("a mark of UTF-8", b"\xef\xbb\xbf" + table(PLACED, "{iso},{kind},{en}").encode()),
    Case("returns alone", table(PLACED, "{iso},{kind},{en}").replace("\n", "\r").encode()),
    Case("mixed line ends", table(PLACED, "{iso},{kind},{en}").replace("\n", "\r\n", 6).encode()),
    Case("no line end at the end", table(PLACED, "{iso},{kind},{en}").rstrip("\n")),
)
ALL = (*COUNTS, *ONE_EACH, *VOID, *SEARCHES, *BLANKS, *PLACES, *HEADINGS, *ROWS, *TEXTS)
