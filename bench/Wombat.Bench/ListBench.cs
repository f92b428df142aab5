using System.Diagnostics;
using System.Text.Json.Nodes;
using Npgsql;
using Wombat.Application.Common;
using Wombat.TestSupport;

namespace Wombat.Bench;

/// <summary>The list of 20 among a million projects against the same list among ten thousand: the first page and a deep page.</summary>
internal static class ListBench
{
    private const int Small = 10_000;
    private const int Large = 1_000_000;
    private const int Calls = 120;
    private const int Rounds = 3;

    private static readonly (string Name, string Query)[] Filters =
    [
        ("all", ""),
        ("q-common", "&q=number%207"),
        ("q-rare", "&q=number%20123"),
        ("tag", "&tag=team-7"),
        ("visibility", "&visibility=public"),
        ("active", "&active=false"),
    ];

    private static readonly string[] Sorts = ["-created_at", "created_at", "name", "-updated_at", "unix_name"];

    public static async Task RunAsync()
    {
        await using var bed = await BenchmarkEnvironment.StartAsync();
        var (small, large) = (await bed.DatabaseAsync("small"), await bed.DatabaseAsync("large"));
        await BenchmarkEnvironment.SeedAsync(small, Small);
        Report.Note("filling a million projects");
        await BenchmarkEnvironment.SeedAsync(large, Large);
        await using var smallProcess = WombatProcess.Start(Path.Combine(bed.Folder, "small"), BenchmarkEnvironment.Environment(small));
        await using var largeProcess = WombatProcess.Start(Path.Combine(bed.Folder, "large"), BenchmarkEnvironment.Environment(large));
        using var smallClient = await smallProcess.ReadyAsync(Path.Combine(bed.Folder, "small"));
        using var largeClient = await largeProcess.ReadyAsync(Path.Combine(bed.Folder, "large"));
        foreach (var sort in Sorts)
        {
            foreach (var (name, query) in Filters)
            {
                var path = $"/api/v1/projects?limit=20&sort={sort}{query}";

                // The ten-thousandth page of a million projects; the middle page of ten thousand.
                var deepLarge = $"{path}&cursor={await CursorAsync(large, sort, 200_000)}";
                var deepSmall = $"{path}&cursor={await CursorAsync(small, sort, 5_000)}";
                await CompareAsync($"list-{sort}-{name}-first", largeClient, path, smallClient, path);
                if (name == "q-rare")
                {
                    // The few matches in ten thousand projects are all on the first page.
                    continue;
                }

                await CompareAsync($"list-{sort}-{name}-deep", largeClient, deepLarge, smallClient, deepSmall);
            }
        }
    }

    /// <summary>Prints the times of one page in two databases, measured in turns.</summary>
    public static async Task CompareAsync(string name, WombatClient large, string largePath, WombatClient small, string smallPath)
    {
        var (mine, base_) = (new List<double>(), new List<double>());
        await TimeAsync(large, largePath, 20);
        await TimeAsync(small, smallPath, 20);
        for (var round = 0; round < Rounds; round++)
        {
            mine.Add(await TimeAsync(large, largePath, Calls));
            base_.Add(await TimeAsync(small, smallPath, Calls));
        }

        Report.Line(name, Report.Median(mine), Report.Median(base_), "ms");
    }

    private static async Task<double> TimeAsync(WombatClient client, string path, int calls)
    {
        var times = new List<double>();
        for (var i = 0; i < calls; i++)
        {
            var from = Stopwatch.GetTimestamp();
            using var response = await client.Http.GetAsync(path);
            response.EnsureSuccessStatusCode();
            var text = await response.Content.ReadAsStringAsync();
            times.Add(Stopwatch.GetElapsedTime(from).TotalMilliseconds);
            if (i == 0 && JsonNode.Parse(text)!["items"]!.AsArray().Count == 0)
            {
                throw new InvalidOperationException($"{path} lists nothing");
            }
        }

        return Report.Median(times);
    }

    private static async Task<string> CursorAsync(string database, string sort, int offset)
    {
        var column = sort.TrimStart('-');
        var direction = sort.StartsWith('-') ? "desc" : "asc";
        var key = column switch
        {
            "created_at" => "''",
            "updated_at" => "to_char(updated_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
            _ => column,
        };
        var order = column == "created_at" ? "id" : column;
        await using var data = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { CommandTimeout = 0 }.ConnectionString);
        await using var command = data.CreateCommand(
            $"select {key}, id from projects order by {order} {direction}, id {direction} offset {offset} limit 1"
        );
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return new Cursor(sort, reader.GetString(0), reader.GetGuid(1)).Encode();
    }
}
