using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Wombat.Forge;

/// <summary>The commands of forge for snapshots. Each prints one JSON document.</summary>
internal static partial class SnapshotCommands
{
    private static readonly Option<string> Name = CommandLine.Text("--snapshot", "Name of the snapshot", NameForm(), required: true);
    internal static readonly Option<string> Source = CommandLine.Text("--snapshot", "The snapshot of --from that is copied", NameForm());
    private static readonly Option<string> KnownName = CommandLine.Text(
        "--snapshot",
        "Name of the snapshot, which somebody may have made without forge",
        KnownNameForm(),
        required: true
    );
    internal static readonly Option<string> Request = CommandLine.Text(
        "--request",
        "The caller's name for this request; repeated with it, the request does nothing again",
        RequestForm()
    );
    private static readonly Option<DateTimeOffset?> Expires = Time(
        "--expires",
        "When the caller may delete it, such as 2030-01-31T12:00:00Z; stored only"
    );
    private static readonly Option<DateTimeOffset?> At = Time("--at", "The time at which they have expired; now if missing");

    public static Command Create()
    {
        var group = new Command("snapshot", "Manages the snapshots of containers");
        CommandLine.Add(
            group,
            "create",
            "Copy the root file system of a container",
            async (b, p, c) => (await b.Snapshots.CreateAsync(IdOf(p), KeyOf(p), RequestOf(p, Name), c)).ToJson(),
            CommandLine.Id,
            CommandLine.Key,
            Name,
            Request,
            Expires
        );
        CommandLine.Add(
            group,
            "list",
            "List the snapshots of a container",
            async (b, p, c) => new JsonArray([.. (await b.Snapshots.ListAsync(IdOf(p), KeyOf(p), c)).Select(s => s.ToJson())]),
            CommandLine.Id,
            CommandLine.Key
        );
        CommandLine.Add(
            group,
            "restore",
            "Replace the root file system of a container by a snapshot",
            async (b, p, c) => (await b.Snapshots.RestoreAsync(IdOf(p), KeyOf(p), RequestOf(p, KnownName), c)).ToJson(),
            CommandLine.Id,
            CommandLine.Key,
            KnownName,
            Request
        );
        CommandLine.Add(group, "expired", "List the snapshots of all containers that have expired", ListExpiredAsync, At);
        CommandLine.Add(group, "delete", "Delete a snapshot", DeleteAsync, CommandLine.Id, CommandLine.Key, KnownName);
        return group;
    }

    private static async Task<JsonNode> DeleteAsync(IBackend backend, ParseResult parsed, CancellationToken cancel)
    {
        var name = parsed.GetRequiredValue(KnownName);
        await backend.Snapshots.DeleteAsync(IdOf(parsed), KeyOf(parsed), name, cancel);
        return new JsonObject { ["name"] = name, ["status"] = "deleted" };
    }

    private static async Task<JsonNode> ListExpiredAsync(IBackend backend, ParseResult parsed, CancellationToken cancel)
    {
        var at = parsed.GetValue(At) ?? TimeProvider.System.GetUtcNow();
        var answer = new JsonArray();
        foreach (var (key, snapshot) in await backend.Snapshots.ListExpiredAsync(at, cancel))
        {
            var one = snapshot.ToJson();
            one["key"] = key;
            answer.Add((JsonNode)one);
        }

        return answer;
    }

    private static string IdOf(ParseResult parsed) => parsed.GetRequiredValue(CommandLine.Id);

    private static string? KeyOf(ParseResult parsed) => parsed.GetValue(CommandLine.Key);

    private static SnapshotRequest RequestOf(ParseResult parsed, Option<string> name) =>
        new(parsed.GetRequiredValue(name), parsed.GetValue(Request), parsed.GetValue(Expires));

    private static Option<DateTimeOffset?> Time(string name, string description) =>
        new(name)
        {
            Description = description,
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = result => ReadTime(result, name),
        };

    private static DateTimeOffset? ReadTime(ArgumentResult result, string option)
    {
        if (
            DateTimeOffset.TryParse(
                result.Tokens[0].Value,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out var time
            )
        )
        {
            return time;
        }

        result.AddError($"{option}: must be a time, such as 2030-01-31T12:00:00Z");
        return null;
    }

    // No dot, since names that begin with one are copies in progress.
    [GeneratedRegex(
        @"^(?=.{1,63}\z)[a-z]([a-z0-9-]*[a-z0-9])?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex NameForm();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_-]{0,62}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex KnownNameForm();

    [GeneratedRegex(@"^[A-Za-z0-9-]{1,100}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RequestForm();
}
