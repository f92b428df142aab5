using System.Security.Cryptography;
using System.Text.Json;
using FluentValidation;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;

namespace Wombat.Application.Commands;

/// <summary>Compares a document with the commands of a project. Planning and applying an import have this in common.</summary>
internal sealed class CommandImportPlanner(IWombatDbContext db, CommandWriting writing, IValidator<CreateCommand> validator)
{
    private const string Field = "document";

    /// <summary>The steps of an import, each of which the caller may take.</summary>
    /// <exception cref="InvalidInputException">The document is not valid: one message for each place.</exception>
    /// <exception cref="ForbiddenException">Only an admin may take one of the steps.</exception>
    /// <exception cref="ConflictException">The project accepts no new commands.</exception>
    public async Task<IReadOnlyList<CommandImportStep>> PlanAsync(CommandImportSource source, CancellationToken cancel)
    {
        var project = source.ProjectId is { } id ? await db.LockProjectAsync(id, exclusive: false, cancel) : null;
        var references = await CommandReferences.ReadAsync(db, source.ProjectId, cancel);
        var errors = new YamlErrors(Field);
        var read = CommandDocumentReader.Read(YamlReader.Read(Field, source.Document), errors);
        var commands = Resolve(await NormalizeAsync(read, cancel), source.ProjectId, references, errors);
        errors.EnsureNone();
        var existing = await db
            .Commands.Where(c => c.ProjectId == source.ProjectId)
            .ToDictionaryAsync(c => c.Name, StringComparer.Ordinal, cancel);
        var steps = commands.ConvertAll(c => StepOf(c, existing.GetValueOrDefault(c.Name), references));
        if (source.RemoveMissing)
        {
            var missing = existing.Values.ExceptBy(commands.Select(c => c.Name), c => c.Name, StringComparer.Ordinal);
            steps.AddRange(
                missing
                    .OrderBy(c => c.Name, StringComparer.Ordinal)
                    .Select(c => new CommandImportStep(CommandImportAction.Delete, c.Name, c, null, []))
            );
        }

        EnsureAllowed(steps);
        if (steps.Exists(s => s.Action == CommandImportAction.Create))
        {
            project?.EnsureAcceptsResources();
        }

        return steps;
    }

    /// <summary>Identifies the steps with the versions of the commands.</summary>
    public static string IdOf(CommandImportSource source, IReadOnlyList<CommandImportStep> steps) =>
        Convert.ToHexStringLower(
            SHA256.HashData(
                JsonSerializer.SerializeToUtf8Bytes(
                    steps.Select(s => new
                    {
                        source.ProjectId,
                        s.Action,
                        s.Name,
                        s.Existing?.Id,
                        s.Existing?.Version,
                        s.Spec,
                    }),
                    WombatJson.Options
                )
            )
        );

    private void EnsureAllowed(IEnumerable<CommandImportStep> steps)
    {
        foreach (var step in steps.Where(s => s.Action != CommandImportAction.Unchanged))
        {
            foreach (var spec in new[] { step.Existing?.Spec, step.Spec }.OfType<CommandSpec>())
            {
                writing.EnsureKindAllowed(step.Name, spec.Kind);
            }
        }
    }

    private static CommandImportStep StepOf(DocumentCommand wanted, Command? existing, CommandReferences references)
    {
        var before = existing is null ? null : CommandDocument.Describe(existing.Name, existing.Spec, references);
        var changes = CommandDocument.Compare(before, CommandDocument.Describe(wanted.Name, wanted.Spec, references));
        var action =
            existing is null ? CommandImportAction.Create
            : changes.Count > 0 ? CommandImportAction.Update
            : CommandImportAction.Unchanged;
        return new CommandImportStep(action, wanted.Name, existing, wanted.Spec, changes);
    }

    // Names are stored in normalization form C.
    private async Task<List<DocumentCommand>> NormalizeAsync(IReadOnlyList<DocumentCommand> commands, CancellationToken cancel)
    {
        var names = commands.SelectMany(c => c.Hosts.Append(c.Name).Append(c.Workspace ?? "")).Where(n => ValidationRules.IsPlain(n));
        var forms = await db.NormalizeNamesAsync(names, cancel);
        string Normal(string name) => forms.GetValueOrDefault(name, name);
        return
        [
            .. commands.Select(c =>
                c with
                {
                    Name = Normal(c.Name),
                    Workspace = c.Workspace is null ? null : Normal(c.Workspace),
                    Hosts = [.. c.Hosts.Select(Normal)],
                }
            ),
        ];
    }

    private List<DocumentCommand> Resolve(List<DocumentCommand> commands, Guid? project, CommandReferences references, YamlErrors errors)
    {
        var places = new Dictionary<string, string>(StringComparer.Ordinal);
        return commands.ConvertAll(command =>
        {
            var resolved = command with { Spec = WithIds(command, references, errors) };
            Validate(resolved, project, errors);
            if (!places.TryAdd(command.Name, command.Path))
            {
                errors.Add($"{command.Path}.name", $"is also the name of {places[command.Name]}");
            }

            return resolved;
        });
    }

    private static CommandSpec WithIds(DocumentCommand command, CommandReferences references, YamlErrors errors)
    {
        Guid IdOf(string path, string noun, Guid? found)
        {
            if (found is null)
            {
                errors.Add($"{command.Path}.{path}", $"must be the name of a {noun} of the project");
            }

            return found ?? Guid.NewGuid();
        }

        return command.Spec with
        {
            WorkspaceId = command.Workspace is { } workspace ? IdOf("workspace", "workspace", references.FindWorkspace(workspace)) : null,
            HostIds = [.. command.Hosts.Select((h, i) => IdOf($"hosts[{i}]", "host", references.FindHost(h)))],
        };
    }

    // The rules of a command that is created singly. Without a kind most of them make no sense.
    private void Validate(DocumentCommand command, Guid? project, YamlErrors errors)
    {
        if (errors.Has($"{command.Path}.kind"))
        {
            return;
        }

        foreach (var failure in validator.Validate(new CreateCommand(command.Name, project, command.Spec)).Errors)
        {
            errors.Add($"{command.Path}.{FieldOf(failure.PropertyName)}", failure.ErrorMessage);
        }
    }

    private static string FieldOf(string property) =>
        FieldNames.OfPath(property) switch
        {
            "workspace_id" => "workspace",
            "host_ids" => "hosts",
            var field => field,
        };
}
