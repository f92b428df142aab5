using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Wombat.Domain.Audit;

namespace Wombat.Infrastructure.Persistence.Configurations;

internal sealed class EventPositionConfiguration : IEntityTypeConfiguration<EventPosition>
{
    public void Configure(EntityTypeBuilder<EventPosition> builder)
    {
        builder.ToTable("event_positions");
        builder.HasKey(p => p.Position).HasName("pk_event_positions");
        builder.Property(p => p.Position).ValueGeneratedNever();
        builder.HasIndex(p => p.EventId).IsUnique().HasDatabaseName("ux_event_positions_event");
        builder.HasIndex(p => new { p.ProjectId, p.Position }).HasDatabaseName("ix_event_positions_project");
    }
}
