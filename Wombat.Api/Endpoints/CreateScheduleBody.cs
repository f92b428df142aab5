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

    internal CreateSchedule ToRequest() => new(CommandId ?? throw new InvalidInputException("command_id", "is required"), ToFields());
}
