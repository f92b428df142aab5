using Microsoft.EntityFrameworkCore;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;

namespace Wombat.Application.Commands;

/// <summary>Compares the hosts of an OpenSSH client configuration with those that are registered.</summary>
internal sealed class HostImports(IWombatDbContext db)
{
    public const int HostsMax = 200;

    private const int ErrorsMax = 50;
    private const string Field = "document";

    public static string Describe(SshConfigOption option) => $"line {option.Line}: {option.Keyword}";

    /// <param name="project">Of the hosts; null for those of the platform.</param>
    /// <exception cref="InvalidInputException">The document has errors; it names them all.</exception>
    public async Task<HostImportPlan> PlanAsync(Guid? project, string document, CancellationToken cancel)
    {
        if (!ValidationRules.IsPlain(document, multiline: true))
        {
            throw Invalid(["must not contain control characters or broken Unicode"]);
        }

        var errors = new List<string>();
        var config = SshConfig.Parse(document, errors);
        if (config.Names.Count is 0 or > HostsMax)
        {
            errors.Add(
                config.Names.Count == 0
                    ? "has no Host with a name without wildcards"
                    : $"has {config.Names.Count} hosts, and at most {HostsMax} are imported at once"
            );
            throw Invalid(errors);
        }

        var drafts = config.ReadHosts().Select(h => HostDraft.Read(h, errors)).ToList();
        var entries = await CompareAsync(drafts, project, errors, cancel);
        return errors.Count > 0 ? throw Invalid(errors) : new HostImportPlan(entries, config.Ignored);
    }

    private async Task<List<HostImportEntry>> CompareAsync(
        List<HostDraft> drafts,
        Guid? project,
        List<string> errors,
        CancellationToken cancel
    )
    {
        var wanted = new Dictionary<string, HostDraft>(StringComparer.Ordinal);
        var written = drafts.Select(d => d.Source.Alias).Concat(drafts.Select(d => d.Jump?.Value).OfType<string>());
        var forms = await db.NormalizeNamesAsync(written, cancel);
        foreach (var draft in drafts)
        {
            var name = forms[draft.Source.Alias];
            if (name.Length > SshHost.NameMax)
            {
                errors.Add($"line {draft.Source.Line}: Host {name} must have at most {SshHost.NameMax} characters");
            }

            wanted.TryAdd(name, draft.Jump is { } jump ? draft with { Jump = jump with { Value = forms[jump.Value] } } : draft);
        }

        var names = wanted.Keys.Concat(wanted.Values.Select(d => d.Jump?.Value).OfType<string>()).Distinct(StringComparer.Ordinal).ToList();
        var registered = await db
            .SshHosts.AsNoTracking()
            .Where(h => (h.ProjectId == project || h.ProjectId == null) && names.Contains(h.Name))
            .ToListAsync(cancel);
        return
        [
            .. wanted.Select(w =>
            {
                var existing = registered.Find(h => h.Name == w.Key && h.ProjectId == project);
                var jump = w.Value.Jump is { } option ? FindJump(option, wanted, registered, project, errors) : null;
                return new HostImportEntry(w.Value, w.Key, existing, w.Value.Jump?.Value, jump);
            }),
        ];
    }

    /// <returns>Null if the document brings it.</returns>
    private static SshHost? FindJump(
        SshConfigOption option,
        Dictionary<string, HostDraft> wanted,
        List<SshHost> registered,
        Guid? project,
        List<string> errors
    )
    {
        var own = registered.Find(h => h.Name == option.Value && h.ProjectId == project);
        var isNew = own is null && wanted.ContainsKey(option.Value);
        var jump = own ?? (isNew ? null : registered.Find(h => h.Name == option.Value));
        var problem =
            jump is null && !isNew ? "must be the name of a Host of the document or of a registered host"
            : (isNew ? wanted[option.Value].Jump is not null : jump!.JumpHostId is not null)
                ? "has a jump host itself; a connection goes through one at most"
            : null;
        if (problem is not null)
        {
            errors.Add($"line {option.Line}: ProxyJump {option.Value} {problem}");
        }

        return jump;
    }

    private static InvalidInputException Invalid(List<string> errors)
    {
        var different = errors.Distinct(StringComparer.Ordinal).ToList();
        var more = different.Count > ErrorsMax ? new[] { $"and {different.Count - ErrorsMax} more errors" } : [];
        return new InvalidInputException(
            new Dictionary<string, string[]>(StringComparer.Ordinal) { [Field] = [.. different.Take(ErrorsMax), .. more] }
        );
    }
}
