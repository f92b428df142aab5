using Microsoft.EntityFrameworkCore;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;
using Wombat.Domain.Resources;

namespace Wombat.Application.Commands;

/// <summary>Finds the hosts and resources that the values of parameters name, by id or name.</summary>
internal sealed class ParameterReferences(IWombatDbContext db)
{
    /// <summary>Finds them in the project of a command; in none those of the platform.</summary>
    /// <param name="values">The values of the parameters that have one.</param>
    /// <returns>What was found, by the names of the parameters.</returns>
    /// <exception cref="InvalidInputException">One was not found there, or cannot be passed on: one message for each, by name.</exception>
    public async Task<IReadOnlyDictionary<string, ParameterReference>> FindAsync(
        CommandSpec spec,
        Guid? project,
        IReadOnlyDictionary<string, string> values,
        CancellationToken cancel
    )
    {
        var parameters = spec.Parameters.Where(p => p.IsReference && values.ContainsKey(p.Name)).ToList();
        if (parameters.Count == 0)
        {
            return new Dictionary<string, ParameterReference>(StringComparer.Ordinal);
        }

        var names = await db.NormalizeNamesAsync(parameters.Select(p => values[p.Name]), cancel);
        var found = new Dictionary<string, ParameterReference>(StringComparer.Ordinal);
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var parameter in parameters)
        {
            var name = names[values[parameter.Name]];
            var matches = await QueryFor(parameter, project, name).Take(2).ToListAsync(cancel);
            var match = matches.Find(m => m.Name != name) ?? matches.FirstOrDefault();
            if (ProblemOf(match, parameter, spec.Kind) is { } problem)
            {
                errors[$"parameters.{parameter.Name}"] = [problem];
            }
            else
            {
                found[parameter.Name] = match!;
            }
        }

        return errors.Count > 0 ? throw new InvalidInputException(errors) : found;
    }

    /// <summary>Checks before a run that what its values named when it was requested still has that name.</summary>
    /// <exception cref="JobFailedException">It was removed or renamed: the name may be that of another one.</exception>
    public async Task EnsureSameAsync(Run run, CancellationToken cancel)
    {
        foreach (var (name, id) in run.Inputs.References)
        {
            var parameter = run.Inputs.Spec.Parameters.Single(p => p.Name == name);
            var value = run.Inputs.Parameters[name];
            var matches = await QueryFor(parameter, run.ProjectId, $"{id}").ToListAsync(cancel);
            if (!matches.Contains(new ParameterReference(id, value!)))
            {
                throw new JobFailedException(
                    ErrorCode.ResourceGone,
                    $"{value}, the value of {name}, was removed or renamed since the run was requested. Request a new run."
                );
            }
        }
    }

    private IQueryable<ParameterReference> QueryFor(CommandParameter parameter, Guid? project, string name)
    {
        var id = Guid.TryParse(name, out var parsed) ? parsed : Guid.Empty;
        var kind = FieldNames.Snake($"{parameter.Kind}");
        return parameter.Type == ParameterType.Host
            ? db
                .SshHosts.Where(h => h.ProjectId == project && (h.Id == id || h.Name == name))
                .Select(h => new ParameterReference(h.Id, h.Name))
            : db
                .Resources.Where(r => r.ProjectId == project && r.Kind == kind && r.Status != ResourceStatus.Deleted)
                .Where(r => r.Id == id || r.Name == name)
                .Select(r => new ParameterReference(r.Id, r.Name));
    }

    private static string? ProblemOf(ParameterReference? found, CommandParameter parameter, CommandKind kind) =>
        found is null
            ? parameter.Type == ParameterType.Host
                ? "must be the id or name of a host of the command's project"
                : $"must be the id or name of a {FieldNames.Snake($"{parameter.Kind}")} of the command's project"
            // A program could take it as an option.
            : found.Name.StartsWith('-')
                ? "must not be one whose name begins with a dash"
                : ParameterValues.TextProblem(found.Name, kind);
}
