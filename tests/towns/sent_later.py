"""A second draw of files as analysts may send them, made after what the first had shown was mended."""

from __future__ import annotations

import pandas as pd
from analysts import Case, day, table
from sent_formats import CSV, PLACED, RECORDS, as_json, folder_of, rows, workbook, written, zipped

XY = "Date,Offence,Easting,Northing"
HEADINGS = tuple(
    Case(f"headed {header!r}", table(header, "{iso},{kind},{en}"))
    for header in (
        "Incident Occurred On,Incident Class,Easting,Northing",
        "OFFENCE_DATE_FROM,OFFENCE_TITLE,OSGB_EASTING,OSGB_NORTHING",
        "Date/Time Occurred,Crime Description,E,N",
        "Start Date/Time,Crime Group,Grid X,Grid Y",
        "incident_start,incident_type_desc,coord_easting,coord_northing",
        "Date_Reported_To_Police,Offence_Subgroup,Easting_OSGB36,Northing_OSGB36",
        "Crime Recorded Date,Home Office Class Desc,X_COORDINATE,Y_COORDINATE",
        "Occurred Date From,Offence Type (HO),BNG_E,BNG_N",
        "Date of report,Nature of incident,Easting,Northing",
        "Logged On,Complaint Type,Easting,Northing",
        "date opened,Case Type,Easting,Northing",
        "Offence Committed From,Classification,EASTING,NORTHING",
        "Date Range From,Crime Sub-Category,Easting,Northing",
        "tblCrimes.DateFrom,tblCrimes.Offence,tblCrimes.Easting,tblCrimes.Northing",
        "Dyddiad digwydd,Categori,Dwyreiniad (m),Gogleddiad (m)",
        "DATE ,  OFFENCE,Easting ,Northing",
        "Date?,Offence?,Easting?,Northing?",
    )
)  # fmt: skip
DEGREES = tuple(
    Case(f"headed {header!r}", table(header, "{iso},{kind},{lon},{lat}"))
    for header in (
        "Date,Offence,Loc_Longitude,Loc_Latitude",
        "Date,Offence,gps_lon,gps_lat",
        "Date,Offence,Long.,Lat.",
        "Date,Offence,X (WGS84),Y (WGS84)",
        "Date,Offence,coordinates.longitude,coordinates.latitude",
        "Date,Offence,decimalLongitude,decimalLatitude",
    )
)
NOT_THE_SCENE = tuple(
    Case(f"only {header!r}", table(header, "{iso},{kind},{en}"), refused="no location column")
    for header in (
        "Date,Offence,Home Easting,Home Northing",
        "Date,Offence,Victim Easting,Victim Northing",
        "Date,Offence,Recovered Easting,Recovered Northing",
        "Date,Offence,Arrest Easting,Arrest Northing",
        "Date,Offence,Station X,Station Y",
    )
)
NOT_THE_DAY = tuple(
    Case(f"only {header!r}", table(header, "{iso},{kind},{en}"), refused="no date column")
    for header in (
        "Date of Birth,Offence,Easting,Northing",
        "Closed Date,Offence,Easting,Northing",
        "Court Date,Offence,Easting,Northing",
        "Last Updated,Offence,Easting,Northing",
    )
)
COUNTS = tuple(
    Case(f"counts under {heading!r}", table(f"{XY},{heading}", "{iso},{kind},{en},{few}"), count=24)
    for heading in ("Count of Offence", "TOTAL", "No of Calls", "Crime_Count", "Sum of Count",
    "Incident volume", "Total Incidents 2024", "N_CRIMES", "Cnt", "NUMPOINTS", "# incidents", "Nifer")
)  # fmt: skip
DOUBTFUL = Case(
    "numbers under 'Number'", table(f"{XY},Number", "{iso},{kind},{en},{few}"), says="name it Count"
)
NO_COUNTS = tuple(
    Case(f"no counts under {heading!r}", table(f"{XY},{heading}", "{iso},{kind},{en},{few}"))
    for heading in (
        "Number of victims",
        "Number of suspects",
        "House number",
        "Beat No",
        "Priority",
        "Ward No",
        "Total value stolen",
    )
)
VOID = tuple(
    Case(f"{heading}: {word}", table(f"{XY},{heading}",
        f"{{iso}},{{kind}},{{en}},{good}\n{{iso}},{{kind}},{{en}},{word}"), rejects={"not_a_crime": 12})
    for heading, word, good in (
        ("Crime Status", "No Crimed", "Filed"), ("CRIME STATUS", "CANCELLED - DUPLICATE", "OPEN"),
        ("Finalisation", "Cancelled", "Charged"), ("Record Status", "Transfer to other force", "Live"),
        ("Validity", "Void", "Valid"), ("Is Cancelled", "1", "0"), ("Crime Outcome", "C3 Cancelled", "16"),
        ("Current Status", "Cancelled: error", "Current"), ("No-crime", "true", "false"),
    )
)  # fmt: skip
KEPT = tuple(
    Case(f"{heading}: {word} is a crime", table(f"{XY},{heading}", f"{{iso}},{{kind}},{{en}},{word}"))
    for heading, word in (("Status", "Transferred in from Staffordshire"), ("Status", "Not cancelled"),
    ("Outcome", "No further action"), ("Outcome", "Action taken by another agency"), ("Status",
    "Error rate low"), ("Status", "Cancellation pending"))
)  # fmt: skip
DATES = tuple(
    Case(f"date {cell}", table(XY, f'"{cell}",{{kind}},{{en}}'), resolution=level)
    for cell, level in (
        ("{then:%Y-%m-%d} 22:05:00+01:00", "time"), ("{then:%d/%m/%Y} 09:5", "time"),
        ("{then:%d/%m/%y %H}:05", "time"), ("{then:%A %d %B %Y} 14:05", "time"),
        ("{then:%d-%B-%Y} 2:05 pm", "time"), ("{then:%d %b} '{then:%y}", "day"), ("{then:%d%m%Y}", "day"),
        ("{then:%d/%m/%Y}  10:05", "time"), ("{then:%d/%m/%Y %H}:05:00.000", "time"),
        ("{then:%Y-%m-%d}T10:05:00.0000000", "time"), ("{then:%d.%m.%Y} 10.05", "time"),
        ("{then:%Y%m%d} 1005", "time"), ("{then:%Y%m%d%H}0500", "time"), ("{then:%d\\%m\\%Y}", "day"),
        ("{then:%d/%m/%Y};10:05", "time"), ("{then:%d,%m,%Y}", "day"), ("{then:%b-%d-%Y}", "day"),
        ("{then:%Y %b %d}", "day"), ("{then:%Y-%b-%d}", "day"), ("{then:%d|%m|%Y}", "day"),
        ("on {then:%d/%m/%Y}", "day"), ("{then:%d/%m/%Y} to {then:%d/%m/%Y}", "day"),
        ("{then:%d/%m/%Y}-{then:%d/%m/%Y}", "day"), ("{then:%d/%m/%Y} 10:05 - {then:%d/%m/%Y} 11:00", "day"),
        ("between {then:%d/%m/%Y} and {then:%d/%m/%Y}", "day"), ("{then.day}ydd Ionawr 2024", "day"),
        ("Dydd Llun {then.day} Ionawr 2024", "day"), ("{then:%Y-%m-%d}T10:05Z[UTC]", "time"),
        ("{then:%d-%m-%Y} 10-05", "time"),
    )
)  # fmt: skip
MONTHS = tuple(
    Case(f"month {cell}", table("Month,Offence,Easting,Northing", f"{cell},{{kind}},{{en}}"),
        resolution="month")
    for cell in ("1-2024", "Jan. 2024", "JAN 24", "jan 2024", "2024 - 01", "2024-1", "January  2024",
    "Jan2024", "Month 1 2024", "2024 Month 01", "2024-01-01T00:00:00", "01/01/2024 00:00", "Ion 2024",
    "M1-2024")
)  # fmt: skip
WEEKS = tuple(
    Case(
        f"week {cell}",
        table("Week,Offence,Easting,Northing", f'"{cell}",{{kind}},{{en}}'),
        resolution="month",
    )
    for cell in ("2024/W01", "w01-2024", "WEEK 01 2024", "2024-week-01", "week 1, 2024", "2024 W1")
)
COARSE = tuple(
    Case(f"period {cell}", table("Period,Offence,Easting,Northing", f"{cell},{{kind}},{{en}}"),
        refused="the dates are")
    for cell in ("Q1 2023/24", "2023-24 Q4", "Quarter 1 2024", "2024 Q1", "Jan-Mar 2024", "2023/2024",
    "H1 2024", "Spring 2024", "Year ending March 2024")
)  # fmt: skip
WEEK_APART = Case(
    "week and year apart",
    table("Week,Year,Offence,Easting,Northing", "1,2024,{kind},{en}"),
    resolution="month",
)
PLACES = (
    Case("degrees, minutes and seconds", table("Date,Offence,Lat,Long",
        "{iso},{kind},52°55'21\"N,1°28'35\"W"), place="any"),
    Case("degrees and minutes", table("Date,Offence,Lat,Long", "{iso},{kind},52 55.35 N,1 28.58 W"),
        place="any"),
    Case("longitude first in one cell", table("Date,Offence,Location", '{iso},{kind},"{lon},{lat}"')),
    Case("a link to a map", table("Date,Offence,Map",
        '{iso},{kind},"https://www.google.com/maps?q={lat},{lon}"'), refused="(no location|link)"),
    Case("easting and northing in one cell", table("Date,Offence,Grid", '{iso},{kind},"{e}, {n_}"')),
    Case("easting and northing with E and N", table(XY, "{iso},{kind},E{e},N{n_}")),
    Case("grid references of three figures and letters", table("Date,Offence,Grid Ref",
        "{iso},{kind},SK340361"), place="grid"),
    Case("eastings in centimetres", table(XY, "{iso},{kind},{e}00,{n_}00"),
        refused="(cannot be used|centimetres|scale)"),
    Case("names of MSOAs alone", table("Date,Offence,MSOA", "{iso},{kind},Derby 013"),
        refused="no location column"),
    Case("output areas alone", table("Date,Offence,OA21CD", "{iso},{kind},E00067890"),
        refused="no location column"),
    Case("postcode sectors", table("Date,Offence,Postcode Sector", "{iso},{kind},DE1 3"), place="postcode"),
    Case("LSOA11CD in capitals", table("Date,Offence,LSOA_CODE_2011", "{iso},{kind},e01013453"),
        place="lsoa"),
    Case("ward codes under GSS", table("Date,Offence,GSS_CODE_WARD", "{iso},{kind},E05001772"), place="ward"),
    Case("WKT with commas for decimals", table("Date;Offence;WKT", "{iso};{kind};POINT (-1,4763 52,9225)"),
        refused="(no location|point|plain)"),
    Case("WKT Z", table("Date,Offence,geometry", '{iso},{kind},"POINT Z ({lon} {lat} 0)"')),
)  # fmt: skip
TEXTS = (
    Case("quotes doubled inside", table(XY + ",MO", '{iso},{kind},{en},"said ""stop"", then ran"')),
    Case("an apostrophe before every number", table(XY, "{iso},{kind},'{e},'{n_}")),
    Case("equals signs that keep text", table("Ref," + XY, '="{ref}",="{iso}",="{kind}",="{e}",="{n_}"')),
    Case("a footer of several lines", table(XY, "{iso},{kind},{en}",
        below="\nSource: Crime system\nExtracted by: analyst\nOfficial - sensitive\n")),
    Case("a footer with commas", table(XY, "{iso},{kind},{en}", below=",,,\nEnd of report,,,\n"), count=12),
    Case("page headers between", table(XY, "{iso},{kind},{en}").replace("2024-01-07",
        f"Page 2 of 3,,,\n{XY}\n2024-01-07")),
    Case("subtotals between", table(XY, "{iso},{kind},{en}").replace("2024-01-07",
        "Subtotal,6,,\n2024-01-07")),
    Case("a header twice at the top", table(XY, "{iso},{kind},{en}", above=XY + "\n")),
    Case("KOI8 and other letters", table(XY, "{iso},Ñandú,{en}"), kinds=("Ñandú",)),
    Case("UTF-8 read once as Windows-1252", table(XY, "{iso},Violence â€“ other,{en}"),
        kinds=("Violence â€“ other",)),
    Case("tabs with a title", table(XY, "{iso},{kind},{en}", above="Crimes in Derby\n\n").replace(",", "\t")),
    Case("semicolons below a title with a comma", table(XY, "{iso},{kind},{en}").replace(",",
        ";").join(["Crimes, Derby\n", ""])),
    Case("an empty first column", table("," + XY, ",{iso},{kind},{en}")),
    Case("columns without a name between", table("Date,,Offence,,Easting,Northing", "{iso},a,{kind},b,{en}")),
)  # fmt: skip


def two_tables(book):
    book.active.append([])
    book.active.append(["Summary"])
    book.active.append(["Drugs", 6])
    book.active.append(["Burglary", 6])


def times(book):
    import datetime

    for row in range(2, 14):
        book.active.cell(row, 5, datetime.time(10, 5))
    book.active["E1"] = "Time"


def stamped(book):
    for row in range(2, 14):
        value = book.active.cell(row, 1).value
        book.active.cell(row, 1, pd.Timestamp(value).replace(hour=10, minute=5).to_pydatetime())


def dates_as_numbers(book):
    for row in range(2, 14):
        value = book.active.cell(row, 1).value
        book.active.cell(
            row, 1, (pd.Timestamp(value) - pd.Timestamp("1899-12-30")).days
        ).number_format = "General"


def two_kinds(book):
    other = book.create_sheet("ASB")
    for row in (
        ["Date", "Incident type", "Easting", "Northing", "Time"],
        ["2024-01-05", "ASB", 434000, 336000, "10:00"],
    ):
        other.append(row)


def styled(book):
    from openpyxl.worksheet.table import Table

    book.active.add_table(Table(displayName="Crimes", ref="A1:D13"))
    book.active.auto_filter.ref = "A1:D13"
    book.active.freeze_panes = "A2"


FILES = (
    Case("a summary below the table", workbook(two_tables), count=12),
    Case("a column of times", workbook(times), resolution="time"),
    Case("dates with times as cells", workbook(stamped), resolution="time"),
    Case("serials without a format", workbook(dates_as_numbers)),
    Case("a second sheet of another layout", workbook(two_kinds), refused="--sheet"),
    Case("a second sheet of another layout, one chosen", workbook(two_kinds), options={"sheet": "Sheet"}),
    Case("an Excel table with a filter", workbook(styled)),
    Case("blank rows above and between", workbook(lambda book: (book.active.insert_rows(7, 2),
        book.active.insert_rows(1, 2)))),
    Case("a macro workbook", workbook(name="sent.xlsm")),
    Case("a workbook of true and false", workbook(header=(*PLACED, "Cancelled"), filled=[[*row,
        n % 2 == 0] for n, row in enumerate(rows())]), count=6, kinds=("Burglary",),
        rejects={"not_a_crime": 6}),
    Case("records with lists", as_json([{**row, "tags": ["a", "b"]} for row in RECORDS])),
    Case("records under results and others", as_json({"count": 12, "next": None, "results": RECORDS})),
    Case("records under an odd name", as_json({"incidents": RECORDS})),
    Case("one record", as_json([RECORDS[0]]), count=1, kinds=("Drugs",)),
    Case("ids as keys", as_json({f"id{n}": row for n, row in enumerate(RECORDS)})),
    Case("geometry within records", as_json([{"Date": row["Date"], "Offence": row["Offence"],
        "geometry": {"type": "Point", "coordinates": [row["Easting"],
        row["Northing"]]}} for row in RECORDS])),
    Case("numbers as text in JSON", as_json([{**row, "Easting": str(row["Easting"]),
        "Northing": str(row["Northing"])} for row in RECORDS])),
    Case("a GeoPackage with dates of its own", written("sent.gpkg", "GPKG",
        Date=pd.to_datetime([day(n) for n in range(12)]))),
    Case("a GeoPackage with times in UTC", written("sent.gpkg", "GPKG",
        Date=pd.to_datetime([day(n) for n in range(12)]).tz_localize("UTC") + pd.Timedelta(hours=10)),
        resolution="time"),
    Case("a shapefile with its columns in small letters", written("sent.shp", "ESRI Shapefile",
        offence_ty=["x"] * 12)),
    Case("GeoJSON with a date twice", written("sent.geojson", "GeoJSON", Date_reported=["2024-02-01"] * 12)),
    Case("a folder of months", folder_of(**{"2024-01_csv": CSV, "2024-02_csv": CSV.replace("2024-01",
        "2024-02")}), count=24, months=("2024-01", "2024-02")),
    Case("a folder of formats", folder_of(**{"a_csv": CSV, "b_tsv": CSV.replace(",", "\t").replace("2024-01",
        "2024-02")}), count=24, months=("2024-01", "2024-02")),
    Case("a zip of folders", zipped(**{"a__jan_csv": CSV, "b__feb_csv": CSV.replace("2024-01", "2024-02")}),
        count=24, months=("2024-01", "2024-02")),
    Case("a zip with a look-up beside", zipped(a_csv=CSV, codes_csv="Code,Meaning\n1,One\n"),
        says="codes.csv was not read"),
    Case("a folder with a broken file beside", folder_of(a_csv=CSV, b_csv=b"\x00\x01\x02\x03" * 50),
        says="b.csv was not read"),
    Case("the same file twice in a folder", folder_of(a_csv=CSV, b_csv=CSV), says="same file"),
)  # fmt: skip
ALL = (
    *HEADINGS, *DEGREES, *NOT_THE_SCENE, *NOT_THE_DAY, *COUNTS, DOUBTFUL, *NO_COUNTS, *VOID, *KEPT, *DATES,
    *MONTHS, *WEEKS,
    *COARSE, WEEK_APART, *PLACES, *TEXTS, *FILES,
)  # fmt: skip
