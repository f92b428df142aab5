using AutoMapper;
using Wombat.Application.Resources;
using Wombat.Domain.Databases;

namespace Wombat.Application.Databases;

/// <summary>A PostgreSQL database of a project. Its passwords are read with credentials/reveal.</summary>
public class DatabaseDto : ResourceDto
{
    /// <summary>The tier, which says what it is guaranteed.</summary>
    public string Tier { get; init; } = "";

    /// <summary>The version of the tier that the database has; another one than the tier's when the tier was changed since.</summary>
    public int TierVersion { get; init; }

    /// <summary>The tier that a resize is about to give it; null when none is under way.</summary>
    public string? ResizingTo { get; init; }

    /// <summary>What it is for.</summary>
    public string? Purpose { get; init; }

    /// <summary>Who is responsible for it.</summary>
    public string? Owner { get; init; }

    /// <summary>Where clients connect; null until it is ready.</summary>
    public DatabaseEndpointDto? Endpoint { get; init; }

    /// <summary>The version of PostgreSQL; null until it is known.</summary>
    public string? PostgresVersion { get; init; }

    /// <summary>The size of its data in bytes, rounded; null until it is known.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>Where it differs from what was requested, because somebody changed it outside Wombat; empty when it does not.</summary>
    public IReadOnlyList<DatabaseDifferenceDto> Drift { get; init; } = [];

    /// <summary>The latest time that can be restored, as last observed; null when nothing can.</summary>
    public DateTimeOffset? LastRestorableAt { get; init; }

    /// <summary>Since when a backup of the tier's schedule is missing; null while none is.</summary>
    public DateTimeOffset? BackupOverdueSince { get; init; }

    /// <summary>The outcome of the last restore drill; null before the first.</summary>
    public DatabaseDrillDto? LastDrill { get; init; }

    /// <summary>The time up to which its data come from another database; null when it was created empty.</summary>
    public DateTimeOffset? RestoredTo { get; init; }
}

internal sealed class DatabaseProfile : Profile
{
    public DatabaseProfile()
    {
        CreateMap<Database, DatabaseDto>()
            .ForMember(d => d.Tier, o => o.MapFrom(r => r.Spec.Tier))
            .ForMember(d => d.TierVersion, o => o.MapFrom(r => r.Spec.TierVersion))
            .ForMember(d => d.ResizingTo, o => o.MapFrom(r => r.Spec.Resize == null ? null : r.Spec.Resize.Tier))
            .ForMember(d => d.Purpose, o => o.MapFrom(r => r.Spec.Purpose))
            .ForMember(d => d.Owner, o => o.MapFrom(r => r.Spec.Owner))
            .ForMember(d => d.Endpoint, o => o.MapFrom(r => DatabaseEndpointDto.Of(r)))
            .ForMember(d => d.PostgresVersion, o => o.MapFrom(r => DatabaseFacts.Text(r, DatabaseFacts.Version)))
            .ForMember(d => d.SizeBytes, o => o.MapFrom(r => DatabaseFacts.Number(r, DatabaseFacts.Size)))
            .ForMember(d => d.Drift, o => o.MapFrom(r => r.Drift.Select(x => DatabaseDifferenceDto.Of(r, x))))
            .ForMember(d => d.LastDrill, o => o.MapFrom(r => DatabaseDrillDto.Of(r.LastDrill)))
            .ForMember(d => d.RestoredTo, o => o.MapFrom(r => r.Spec.Origin == null ? null : r.Spec.Origin.TargetTime))
            .ForMember(d => d.ProjectName, o => o.Ignore())
            .ForMember(d => d.Actions, o => o.Ignore());
        CreateMap<Database, AcceptedDatabase>().IncludeBase<Database, DatabaseDto>().ForMember(d => d.JobId, o => o.Ignore());
    }
}
