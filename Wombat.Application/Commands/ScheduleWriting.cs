using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Audit;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;
using Wombat.Domain.Tokens;

namespace Wombat.Application.Commands;

/// <summary>What creating, changing and deleting a schedule have in common.</summary>
internal sealed class ScheduleWriting(
    IWombatDbContext db,
    RunRequests requests,
    RequestContext context,
    ISecretBox box,
    AuditLog auditLog,
    ScheduleActions actions,
    TimeProvider clock
)
{
    /// <summary>Locks a schedule and its command, in this order of every transaction: first the command.</summary>
    /// <exception cref="NotFoundException">It does not exist.</exception>
    public async Task<(Schedule Schedule, Command Command)> LockAsync(Guid id, CancellationToken cancel)
    {
        var owner = await db.Schedules.Where(s => s.Id == id).Select(s => (Guid?)s.CommandId).SingleOrDefaultAsync(cancel);
        var command = owner is { } known ? await db.LockCommandAsync(known, cancel) : null;
        var schedule = command is null ? null : await db.LockScheduleAsync(id, cancel);
        return schedule is null ? throw new NotFoundException("schedule") : (schedule, command!);
    }

    /// <exception cref="ConflictException">The command has as many schedules as are allowed.</exception>
    public async Task EnsureRoomAsync(Guid command, CancellationToken cancel)
    {
        if (await db.Schedules.CountAsync(s => s.CommandId == command, cancel) >= Schedule.SchedulesMax)
        {
            throw new ConflictException(ErrorCode.ScheduleLimit, $"A command has at most {Schedule.SchedulesMax} schedules.");
        }
    }

    /// <summary>
    /// Checks what the caller says about a schedule as a request for a run is checked, and sets it. The command is locked. A change that
    /// only pauses or resumes the schedule leaves in whose name and for which version of the command it requests runs.
    /// </summary>
    /// <exception cref="ForbiddenException">The caller may not run the command.</exception>
    /// <exception cref="InvalidInputException">A run could not be requested with it.</exception>
    public async Task SaveAsync(Schedule schedule, Command command, ScheduleFields fields, CancellationToken cancel)
    {
        var name = await db.NormalizeNameAsync("name", fields.Name, Schedule.NameMax, cancel);
        if (IsOnlyPause(schedule, name, fields.Spec))
        {
            SetPaused(schedule, command, fields.Spec.IsPaused);
            return;
        }

        requests.EnsureMayRun(command.Spec);
        var (now, spec) = (clock.GetUtcNow(), fields.Spec);
        var times = ScheduleTimes.Of(spec, now);
        var secrets = MergeSecrets(schedule, command.Spec, spec.Parameters);
        var values = spec
            .Parameters.Where(p => p.Value is not null && !secrets.ContainsKey(p.Key))
            .Concat(secrets.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)))
            .ToDictionary(StringComparer.Ordinal);
        await requests.PrepareAsync(command, values, new HostChoice(spec.HostIds, spec.AllHosts), cancel);
        var stored = spec with
        {
            CommandVersion = command.Version,
            Parameters = values.ToDictionary(v => v.Key, v => secrets.ContainsKey(v.Key) ? null : v.Value, StringComparer.Ordinal),
        };
        schedule.Save(name, stored, Seal(secrets), times.After(now), now);
        var caller = context.Caller!;
        schedule.ActFor(caller.Name, caller.UserId, AccessToken.IsCreatedByToken(caller) ? caller.CredentialId : null);
    }

    private static bool IsOnlyPause(Schedule schedule, string name, ScheduleSpec spec) =>
        schedule.Version > 0
        && (spec.IsPaused || schedule.Spec.IsPaused)
        && schedule.Name == name
        && schedule.Spec.IsSameBesidesPause(spec);

    // To pause a schedule must be possible whatever is wrong with it or its command.
    private void SetPaused(Schedule schedule, Command command, bool isPaused)
    {
        var now = clock.GetUtcNow();
        if (isPaused)
        {
            schedule.Pause(now);
            return;
        }

        requests.EnsureMayRun(command.Spec);
        schedule.Resume(ScheduleTimes.Of(schedule.Spec, now).After(now), now);
    }

    /// <summary>Records the change and saves it.</summary>
    /// <param name="before">Null for a new schedule.</param>
    public async Task<ScheduleDto> CompleteAsync(EventAction action, Schedule schedule, ScheduleDto? before, CancellationToken cancel)
    {
        var after = ScheduleDto.Of(schedule, clock.GetUtcNow());
        auditLog.Record(action, "schedule", schedule.Id, schedule.ProjectId, before, after);
        await db.SaveChangesAsync(cancel);
        return actions.Apply(after);
    }

    /// <summary>The values with which a fire requests a run, by the names of the parameters.</summary>
    /// <exception cref="InvalidInputException">The command would show the value of a secret.</exception>
    public IReadOnlyDictionary<string, string?> ValuesOf(Schedule schedule, CommandSpec command)
    {
        var secrets = SecretsOf(schedule);
        if (secrets.Keys.Except(SecretNames(command), StringComparer.Ordinal).FirstOrDefault() is { } shown)
        {
            throw new InvalidInputException($"parameters.{shown}", "is a secret of the schedule and no longer one of the command");
        }

        return schedule.Spec.Parameters.ToDictionary(
            p => p.Key,
            p => secrets.TryGetValue(p.Key, out var secret) ? secret : p.Value,
            StringComparer.Ordinal
        );
    }

    // Nobody can read a secret to give it again: one that is not given stays. But a person does not get the secret of another one into a
    // program that has been changed since.
    private Dictionary<string, string> MergeSecrets(Schedule schedule, CommandSpec command, IReadOnlyDictionary<string, string?> given)
    {
        var names = SecretNames(command).ToHashSet(StringComparer.Ordinal);
        var secrets = IsOwn(schedule)
            ? SecretsOf(schedule).Where(s => names.Contains(s.Key)).ToDictionary(StringComparer.Ordinal)
            : new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in given)
        {
            if (value is not null && names.Contains(name))
            {
                secrets[name] = value;
            }
        }

        return secrets;
    }

    private bool IsOwn(Schedule schedule) =>
        context.Caller is { UserId: { } user }
            ? schedule.RunAsUserId == user
            : context.Caller is { CredentialId: { } token } && schedule.RunAsTokenId == token;

    private static IEnumerable<string> SecretNames(CommandSpec command) =>
        command.Parameters.Where(p => p.Type == ParameterType.Secret).Select(p => p.Name);

    private Dictionary<string, string> SecretsOf(Schedule schedule) =>
        schedule.Secrets is { } encrypted
            ? JsonSerializer.Deserialize<Dictionary<string, string>>(box.Open(Schedule.SecretsPurpose, encrypted))!
            : new Dictionary<string, string>(StringComparer.Ordinal);

    private byte[]? Seal(Dictionary<string, string> secrets) =>
        secrets.Count == 0 ? null : box.Seal(Schedule.SecretsPurpose, JsonSerializer.SerializeToUtf8Bytes(secrets));
}
