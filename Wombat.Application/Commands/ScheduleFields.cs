using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>What people say about a schedule.</summary>
/// <param name="Spec">Its parameters have the values of secrets, too.</param>
public sealed record ScheduleFields(string Name, ScheduleSpec Spec)
{
    // A record's default ToString would print the values of secrets.
    public override string ToString() => nameof(ScheduleFields);
}
