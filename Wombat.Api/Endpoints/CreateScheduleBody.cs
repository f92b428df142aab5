using System.ComponentModel.DataAnnotations;
using Wombat.Application.Commands;
using Wombat.Domain.Common;

namespace Wombat.Api.Endpoints;

/// <summary>A schedule to create.</summary>
internal sealed class CreateScheduleBody : SaveScheduleBody
{
    /// <summary>The command whose runs it requests.</summary>
    [Required]
    public Guid? CommandId { get; init; }

    internal CreateSchedule ToRequest() => new(CommandId ?? throw Incomplete(), ToFields());

    // Without a command there is no message, so its validator cannot report the other fields.
    private InvalidInputException Incomplete() =>
        new(
            new (string Field, string? Value)[] { ("command_id", null), ("name", Name), ("cron", Cron) }
                .Where(f => f.Value is null)
                .ToDictionary(f => f.Field, _ => new[] { "is required" }, StringComparer.Ordinal)
        );
}
