using AutoMapper;
using Wombat.Application.Resources;

namespace Wombat.Api.Tests.Resources;

public class ProbeDto : ResourceDto
{
    public int Level { get; init; }

    public string? Color { get; init; }

    public string? Endpoint { get; init; }
}

public sealed class AcceptedProbe : ProbeDto, IAcceptedResource
{
    public Guid JobId { get; set; }
}

internal sealed class ProbeProfile : Profile
{
    public ProbeProfile()
    {
        CreateMap<Probe, ProbeDto>()
            .ForMember(d => d.Level, o => o.MapFrom(p => p.Spec.Level))
            .ForMember(d => d.Color, o => o.MapFrom(p => p.Spec.Color))
            .ForMember(d => d.Endpoint, o => o.MapFrom(p => p.Endpoints.Count == 0 ? null : $"{p.Endpoints[0].Host}:{p.Endpoints[0].Port}"))
            .ForMember(d => d.ProjectName, o => o.Ignore())
            .ForMember(d => d.Actions, o => o.Ignore());
        CreateMap<Probe, AcceptedProbe>().IncludeBase<Probe, ProbeDto>().ForMember(d => d.JobId, o => o.Ignore());
    }
}
