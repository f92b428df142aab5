namespace Wombat.Api.Endpoints;

/// <summary>A document of commands to import.</summary>
internal sealed class ImportCommandsBody : PlanCommandImportBody
{
    /// <summary>The plan_id of a plan: 412 if something else would be done than it has told. Any when absent.</summary>
    public string? PlanId { get; init; }
}
