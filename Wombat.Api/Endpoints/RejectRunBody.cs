using System.ComponentModel.DataAnnotations;
using Wombat.Domain.Commands;

namespace Wombat.Api.Endpoints;

/// <summary>Why a run is rejected.</summary>
internal sealed class RejectRunBody
{
    /// <summary>For its requester.</summary>
    [StringLength(RunApproval.ReasonMax)]
    public string? Reason { get; init; }
}
